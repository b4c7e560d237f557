/** The list of changes to a received message, applied when it is sent: once per branch, in one pass. */
import type { HeaderTable } from "./header-table.ts";

/** Text to be put in: fixed, or made when applied, from what is known only then (the branch, its socket). */
export type EditText<C> = string | ((context: C) => string);

/**
 * Changes by offset into the received text, in the order in which they appear on the wire: by offset, and by time of
 * creation where offsets are equal. The message itself stays as it is; what was removed can still be looked at (as
 * Kamailio, up to msg_apply_changes).
 *
 * `C` is what texts that depend on the branch are made from.
 */
export class MessageEdits<C = unknown> {
  private offsets: number[] = [];
  /** End of the removed range, equal to the offset where nothing is removed. */
  private ends: number[] = [];
  private texts: EditText<C>[] = [];
  private newBody: EditText<C> | undefined = undefined;

  /** Number of changes, a new body counted as one. */
  get size(): number {
    return this.offsets.length + (this.newBody === undefined ? 0 : 1);
  }

  get isEmpty(): boolean {
    return this.offsets.length === 0 && this.newBody === undefined;
  }

  private add(offset: number, end: number, text: EditText<C>): void {
    const offsets = this.offsets;
    let at = offsets.length;
    while (at > 0 && (offsets[at - 1] as number) > offset) at--;
    if (at === offsets.length) {
      offsets.push(offset);
      this.ends.push(end);
      this.texts.push(text);
      return;
    }
    offsets.splice(at, 0, offset);
    this.ends.splice(at, 0, end);
    this.texts.splice(at, 0, text);
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
      this.texts.some((text) => typeof text !== "string") || typeof this.newBody === "function"
    );
  }

  /** Whether the byte at `offset` is in a range that is left out or replaced. */
  isRemoved(offset: number): boolean {
    for (let i = 0; i < this.offsets.length; i++) {
      const start = this.offsets[i] as number;
      if (start > offset) return false;
      if (offset < (this.ends[i] as number)) return true;
    }
    return false;
  }

  /** Whether the header at this index is left out as a whole. */
  isHeaderRemoved(message: HeaderTable, index: number): boolean {
    const start = message.headerStart(index);
    const end = message.headerEnd(index);
    for (let i = 0; i < this.offsets.length; i++) {
      const from = this.offsets[i] as number;
      if (from > start) return false;
      if ((this.ends[i] as number) >= end) return true;
    }
    return false;
  }

  /** Whether the body will differ: a new one, or edits at or behind `bodyStart`. */
  changesBody(bodyStart: number): boolean {
    if (this.newBody !== undefined) return true;
    const last = this.offsets[this.offsets.length - 1];
    return last !== undefined && last >= bodyStart;
  }

  /** Forgets the changes that start in a range of the text: before doing them anew. */
  dropRange(start: number, end: number): void {
    for (let i = this.offsets.length - 1; i >= 0; i--) {
      const offset = this.offsets[i] as number;
      if (offset < start || offset >= end) continue;
      this.offsets.splice(i, 1);
      this.ends.splice(i, 1);
      this.texts.splice(i, 1);
    }
  }

  clear(): void {
    this.offsets = [];
    this.ends = [];
    this.texts = [];
    this.newBody = undefined;
  }

  /** Copy for one branch: what is added to it does not show in the others. */
  clone(): MessageEdits<C> {
    const copy = new MessageEdits<C>();
    if (this.offsets.length > 0) {
      copy.offsets = this.offsets.slice();
      copy.ends = this.ends.slice();
      copy.texts = this.texts.slice();
    }
    copy.newBody = this.newBody;
    return copy;
  }

  /** The range of the text with the changes that start in it. */
  applyRange(text: string, start: number, end: number, context: C): string {
    const offsets = this.offsets;
    let out = "";
    let at = start;
    for (let i = 0; i < offsets.length; i++) {
      const offset = offsets[i] as number;
      if (offset < start) continue;
      if (offset >= end) break;
      if (offset > at) {
        out += text.slice(at, offset);
        at = offset;
      }
      const piece = this.texts[i] as EditText<C>;
      out += typeof piece === "string" ? piece : piece(context);
      const stop = this.ends[i] as number;
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
