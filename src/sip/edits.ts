/** The list of changes to a received message, applied when it is sent: once per branch, in one pass. */
import type { HeaderTable } from "./header-table.ts";

/** Text to be put in: fixed, or made when applied, from what is known only then (the branch, its socket). */
export type EditText<C> = string | ((context: C) => string);

/** Numbers and texts kept for each change. */
const STRIDE = 3;

/**
 * Changes by offset into the received text, in the order in which they appear on the wire: by offset, and by time of
 * creation where offsets are equal. The message itself stays as it is; what was removed can still be looked at (as
 * Kamailio, up to msg_apply_changes).
 *
 * `C` is what texts that depend on the branch are made from.
 */
export class MessageEdits<C = unknown> {
  /**
   * Three in a row for each change: offset, end of the removed range (equal to the offset where nothing is removed), and text. One
   * array, as most messages have a change or two and each array would be made with room for many.
   */
  private items: (number | EditText<C>)[] = [];
  private newBody: EditText<C> | undefined = undefined;

  /** Number of changes, a new body counted as one. */
  get size(): number {
    return this.items.length / STRIDE + (this.newBody === undefined ? 0 : 1);
  }

  get isEmpty(): boolean {
    return this.items.length === 0 && this.newBody === undefined;
  }

  private offsetAt(at: number): number {
    return this.items[at] as number;
  }

  private endAt(at: number): number {
    return this.items[at + 1] as number;
  }

  private add(offset: number, end: number, text: EditText<C>): void {
    const items = this.items;
    let at = items.length;
    if (at === 0) {
      // Often the only change: room for no more.
      this.items = [offset, end, text];
      return;
    }
    items.push(offset, end, text);
    // Moved up by hand: that is cheaper than splice() for the few that there are.
    while (at > 0 && this.offsetAt(at - STRIDE) > offset) {
      items[at] = items[at - 3] as number;
      items[at + 1] = items[at - 2] as number;
      items[at + 2] = items[at - 1] as EditText<C>;
      at -= STRIDE;
    }
    items[at] = offset;
    items[at + 1] = end;
    items[at + 2] = text;
  }

  /** Puts a text in front of the byte at `offset`. */
  insert(offset: number, text: EditText<C>): void {
    this.add(offset, offset, text);
  }

  /** Leaves a range out. Ranges may overlap. */
  remove(start: number, end: number): void {
    this.add(start, end, "");
  }

  /** Puts a text in the place of a range. */
  replace(start: number, end: number, text: EditText<C>): void {
    this.add(start, end, text);
  }

  /** Adds header lines (with their line ends) behind all headers, or behind the header at index `after`. */
  appendHeader(message: HeaderTable, text: EditText<C>, after = -1): void {
    this.insert(after < 0 ? message.headersEnd : message.headerEnd(after), text);
  }

  /** Adds header lines (with their line ends) in front of all headers, or of the header at index `before`. */
  insertHeader(message: HeaderTable, text: EditText<C>, before = 0): void {
    const there = before < message.headerCount;
    this.insert(there ? message.headerStart(before) : message.firstLineEnd, text);
  }

  /** Leaves out the header at this index. */
  removeHeader(message: HeaderTable, index: number): void {
    this.remove(message.headerStart(index), message.headerEnd(index));
  }

  /** Puts another value in the place of that of the header at this index. */
  replaceValue(message: HeaderTable, index: number, text: EditText<C>): void {
    this.replace(message.valueStart(index), message.valueEnd(index), text);
  }

  /** Replaces the whole body; edits inside the old body are without effect from then on. `""` removes it. */
  setBody(text: EditText<C>): void {
    this.newBody = text;
  }

  /** Whether a body was set. */
  get hasNewBody(): boolean {
    return this.newBody !== undefined;
  }

  /** Whether some of the texts are made only when the message is sent. */
  get dependsOnSending(): boolean {
    return (
      this.items.some((item) => typeof item === "function") || typeof this.newBody === "function"
    );
  }

  /** Whether the byte at `offset` is in a range that is left out or replaced. */
  isRemoved(offset: number): boolean {
    for (let at = 0; at < this.items.length; at += STRIDE) {
      if (this.offsetAt(at) > offset) return false;
      if (offset < this.endAt(at)) return true;
    }
    return false;
  }

  /** Whether the header at this index is left out as a whole. */
  isHeaderRemoved(message: HeaderTable, index: number): boolean {
    const start = message.headerStart(index);
    const end = message.headerEnd(index);
    for (let at = 0; at < this.items.length; at += STRIDE) {
      if (this.offsetAt(at) > start) return false;
      if (this.endAt(at) >= end) return true;
    }
    return false;
  }

  /** Whether the body will differ: a new one, or edits at or behind `bodyStart`. */
  changesBody(bodyStart: number): boolean {
    if (this.newBody !== undefined) return true;
    const { length } = this.items;
    return length > 0 && this.offsetAt(length - STRIDE) >= bodyStart;
  }

  /** Forgets the changes that start in a range of the text: before doing them anew. */
  dropRange(start: number, end: number): void {
    for (let at = this.items.length - STRIDE; at >= 0; at -= STRIDE) {
      const offset = this.offsetAt(at);
      if (offset >= start && offset < end) this.items.splice(at, STRIDE);
    }
  }

  clear(): void {
    this.items = [];
    this.newBody = undefined;
  }

  /** Copy for one branch: what is added to it does not show in the others. */
  clone(): MessageEdits<C> {
    const copy = new MessageEdits<C>();
    // Item by item: what follows is mostly an addition, and a slice would have no room for it.
    for (let at = 0; at < this.items.length; at++) {
      copy.items.push(this.items[at] as number | EditText<C>);
    }
    copy.newBody = this.newBody;
    return copy;
  }

  /** The range of the text with the changes that start in it. */
  applyRange(text: string, start: number, end: number, context: C): string {
    const items = this.items;
    let out = "";
    let at = start;
    for (let i = 0; i < items.length; i += STRIDE) {
      const offset = items[i] as number;
      if (offset < start) continue;
      if (offset >= end) break;
      if (offset > at) {
        out += text.slice(at, offset);
        at = offset;
      }
      const piece = items[i + 2] as EditText<C>;
      out += typeof piece === "string" ? piece : piece(context);
      const stop = items[i + 1] as number;
      if (stop > at) at = stop;
    }
    return at < end ? out + text.slice(at, end) : out;
  }

  /** The body as it will be sent. */
  applyBody(message: HeaderTable, context: C): string {
    const body = this.newBody;
    if (body !== undefined) return typeof body === "string" ? body : body(context);
    // An insertion at the very end of the text counts as well, hence the 1.
    return this.applyRange(message.text, message.bodyStart, message.text.length + 1, context);
  }

  /**
   * The whole text with all changes, Content-Length as `build.ts` corrects it: for msg_apply_changes. The result is to be
   * parsed again.
   */
  apply(message: HeaderTable, context: C): string {
    const head = this.applyRange(message.text, message.firstLineStart, message.bodyStart, context);
    return head + this.applyBody(message, context);
  }
}
