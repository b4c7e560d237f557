/** SIPp as a watcher of the event package reg. */
import { join } from "node:path";
import { control, eventually, type Ran, run } from "./commands.ts";
import { DOMAIN } from "./phone.ts";
import { freePort, type Server } from "./servers.ts";

/**
 * Lets SIPp watch a user: it wants to be told of a registration, then of its end, and unsubscribes. Resolves when it has
 * been told of the state before; `done` is how it ended.
 */
export async function sippWatches(user: string, server: Server): Promise<{ done: Promise<Ran> }> {
  const scenario = join(import.meta.dirname, "watcher.xml");
  const options =
    `-sf ${scenario} -s ${user} -key dom ${DOMAIN} -m 1 -nostdin -i 127.0.0.1 ` +
    `-p ${String(await freePort())} 127.0.0.1:${String(server.port)}`;
  const done = run("sipp", options.split(" "));
  // Its answer to the first NOTIFY.
  await eventually(
    () => control(server, "tm.stats"),
    (text) => /2xx: [1-9]/.test(text),
  );
  return { done };
}
