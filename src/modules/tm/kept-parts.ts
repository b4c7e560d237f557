/** What a reply_route that sees late replies needs of a finished transaction, written as one text and read back. */
import type { Value } from "../../dsl/value.ts";
import { AttributeLists } from "../../runtime/lists.ts";
import type { Transaction } from "./transaction.ts";

/** A branch. */
interface KeptBranch {
  readonly uri: string;
  readonly flags: number;
  readonly lastStatus: number;
  readonly ruid: string | null;
  readonly onReply: string | null;
}

export interface KeptParts {
  /** The request, and where it came from. */
  readonly text: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly messageFlags: number;
  readonly branches: readonly KeptBranch[];
  readonly lists: AttributeLists;
}

/** Between the numbers and the texts. */
const END_OF_NUMBERS = ":";

/** What no byte can hold. */
const WIDE = /[^\0-\xff]/;

/** The lists as a text, "" for nothing; null when they have to be kept as they are: structures, and texts beyond latin1. */
export function listsText(lists: AttributeLists): string | null {
  if (!lists.hasOnlyAvps) return null;
  const avps = lists.avpsIfAny;
  if (avps === null || avps.size === 0) return "";
  const text = JSON.stringify([...avps]);
  return WIDE.test(text) ? null : text;
}

function readLists(text: string): AttributeLists {
  const lists = new AttributeLists();
  if (text === "") return lists;
  for (const [name, values] of JSON.parse(text) as [string, Value[]][]) {
    lists.avps.set(name, values);
  }
  return lists;
}

/** Numbers, then all texts one behind the other: their lengths are among the numbers. `lists`: see `listsText`. */
export function keptText(transaction: Transaction, lists: string): string {
  const { msg, sourceAddress, sourcePort } = transaction.request;
  let numbers = `${transaction.messageFlags} ${sourcePort} ${sourceAddress.length} ${lists.length}`;
  let texts = sourceAddress + lists;
  for (const branch of transaction.branches) {
    const { uri, flags, lastStatus, ruid } = branch;
    const onReply = branch.onReply ?? transaction.onReply;
    numbers += ` ${flags} ${lastStatus} ${uri.length} ${lengthOf(ruid)} ${lengthOf(onReply)}`;
    texts += uri + (ruid ?? "") + (onReply ?? "");
  }
  return numbers + END_OF_NUMBERS + texts + msg.text;
}

/** Reads what `keptText` wrote. */
export function readKept(kept: string): KeptParts {
  const start = kept.indexOf(END_OF_NUMBERS);
  const numbers = kept.slice(0, start).split(" ").map(Number);
  let at = start + END_OF_NUMBERS.length;
  const next = (length: number): string => {
    at += length;
    return kept.slice(at - length, at);
  };
  const [messageFlags = 0, sourcePort = 0, address = 0, listsLength = 0] = numbers;
  const sourceAddress = next(address);
  const lists = readLists(next(listsLength));
  const branches: KeptBranch[] = [];
  for (let i = 4; i < numbers.length; i += 5) {
    const [flags = 0, lastStatus = 0, uri = 0, ruid = -1, onReply = -1] = numbers.slice(i, i + 5);
    branches.push({
      flags,
      lastStatus,
      uri: next(uri),
      ruid: ruid < 0 ? null : next(ruid),
      onReply: onReply < 0 ? null : next(onReply),
    });
  }
  return { text: kept.slice(at), sourceAddress, sourcePort, messageFlags, branches, lists };
}

/** -1 tells none from an empty text. */
function lengthOf(text: string | null): number {
  return text === null ? -1 : text.length;
}
