/** Long lists of remote commands for tests. */
import { RpcStream, RpcStruct } from "../../src/runtime/module.ts";

/** So many structures. */
export function listed(count: number): RpcStruct[] {
  return Array.from({ length: count }, (_, i) =>
    new RpcStruct().add("Info", new RpcStruct().add("AoR", `user${i}`).add("Flows", [i, "x"])),
  );
}

/** The same as a stream: handed out in batches of several sizes, some of them empty, some later. */
export function streamed(members: readonly RpcStruct[]): RpcStream {
  let at = 0;
  let turn = 0;
  return new RpcStream(() => {
    turn++;
    if (turn % 4 === 2) return [];
    if (at >= members.length) return undefined;
    const batch = members.slice(at, at + (turn % 7) + 1);
    at += batch.length;
    return turn % 3 === 0 ? Promise.resolve(batch) : batch;
  });
}
