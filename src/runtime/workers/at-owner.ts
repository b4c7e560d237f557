/** Functions that are about one user: they run in the worker that has what they are about. */
import { parseUri } from "../../sip/uri.ts";
import type { Workers } from "./group.ts";

/** A function about the user of a URI; its code. */
export type AboutUser<A extends readonly unknown[]> = (uri: string, ...more: A) => number;

/**
 * The same function, that asks the owner of the user where there are several workers; -1 when that one is not there. Declare what
 * calls it as `asksWorkers`.
 */
export function atOwner<A extends readonly unknown[]>(
  workers: Workers | null,
  topic: string,
  run: AboutUser<A>,
): (uri: string, ...more: A) => number | Promise<number> {
  if (workers === null) return run;
  workers.handle(topic, (args) => run(...(args as [string, ...A])));
  return (uri, ...more) => {
    const owner = workers.ownerOfUser(parseUri(uri)?.user ?? "");
    if (owner === workers.index) return run(uri, ...more);
    return workers.call(owner, topic, [uri, ...more]).then(
      (code) => code as number,
      () => -1,
    );
  };
}
