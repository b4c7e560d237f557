/** Database URLs of SQLite files. */
import { StorageError } from "../../runtime/storage/storage.ts";

const START = "sqlite:///";

/**
 * The path of a URL. As Kamailio 5.6.3: what stands behind the third slash, so that an absolute path makes a fourth one; others
 * begin at the working directory (not looked at here: it may still change).
 */
export function pathOfUrl(url: string): string {
  const path = url.slice(START.length);
  if (!url.startsWith(START) || path === "") {
    throw new StorageError(
      "STORAGE_REFUSED",
      `${url} names no file: write sqlite:////var/lib/olelo/olelo.db, or sqlite:///olelo.db for the working directory`,
    );
  }
  if (path === ":memory:") {
    throw new StorageError(
      "STORAGE_REFUSED",
      `${url} would be empty at each start: leave the parameter out to keep everything in memory`,
    );
  }
  return path;
}
