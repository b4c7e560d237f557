/** Replies with lists of any length: found, and read to their end. */
import { atEndOfTurn } from "./clock.ts";
import { RpcDouble, type RpcReply, RpcStream, RpcStruct, type RpcValue } from "./module.ts";

/** Batches of a stream that are read before others have their turn. */
const BATCHES_AT_ONCE = 16;

/** Ends when what came in meanwhile has been seen to. */
export function restOfTurn(): Promise<void> {
  return new Promise((resolve) => atEndOfTurn(resolve));
}

export function isArray(value: RpcValue): value is readonly RpcValue[] {
  return Array.isArray(value);
}

/** Members of a structure; undefined for what is none. */
export function entriesOf(value: RpcValue): readonly (readonly [string, RpcValue])[] | undefined {
  if (value instanceof RpcStruct) return value.entries;
  if (typeof value !== "object" || value === null || isArray(value)) return undefined;
  if (value instanceof RpcDouble || value instanceof RpcStream) return undefined;
  return Object.entries(value);
}

/** Whether there is a stream in it. */
export function hasStream(value: RpcValue): boolean {
  if (value instanceof RpcStream) return true;
  if (isArray(value)) return value.some(hasStream);
  return entriesOf(value)?.some(([, member]) => hasStream(member)) ?? false;
}

/** A reply with all lists whole. */
export async function collected(
  reply: RpcReply | Iterable<RpcValue>,
): Promise<RpcReply | Iterable<RpcValue>> {
  if (!("values" in reply) || !reply.values.some(hasStream)) return reply;
  const values: RpcValue[] = [];
  // oxlint-disable-next-line no-await-in-loop
  for (const value of reply.values) values.push(await whole(value));
  return { values };
}

async function whole(value: RpcValue): Promise<RpcValue> {
  if (!hasStream(value)) return value;
  if (value instanceof RpcStream) return await wholeList(value);
  // One after the other: their order is that of what they are read from.
  if (isArray(value)) {
    const members: RpcValue[] = [];
    // oxlint-disable-next-line no-await-in-loop
    for (const member of value) members.push(await whole(member));
    return members;
  }
  const struct = new RpcStruct();
  for (const [name, member] of entriesOf(value) ?? []) {
    // oxlint-disable-next-line no-await-in-loop
    struct.add(name, await whole(member));
  }
  return struct;
}

async function wholeList(stream: RpcStream): Promise<RpcValue[]> {
  const members: RpcValue[] = [];
  for (let count = 1; ; count++) {
    // oxlint-disable-next-line no-await-in-loop
    const batch = await stream.next();
    if (batch === undefined) return members;
    for (const member of batch) members.push(member);
    // oxlint-disable-next-line no-await-in-loop
    if (count % BATCHES_AT_ONCE === 0) await restOfTurn();
  }
}
