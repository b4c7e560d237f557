/** What `-v` and `-I` print. */
import { kamailioVersion, version } from "../runtime/version.ts";

/** One line, or with `details` what the program runs on. */
export function versionText(details: boolean): string {
  const line = `version: olelo ${version} (${process.arch}/${process.platform})\n`;
  if (!details) return line;
  return (
    `${line}language: kamailio ${kamailioVersion}\n` +
    `runs on: Node.js ${process.version}, V8 ${process.versions.v8}\n` +
    `transports: udp\n`
  );
}
