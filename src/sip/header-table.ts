/** First line and header lines of a message as offsets into its text: found once, without an object per header. */
import { isDigit, sameAt, trimEnd } from "./chars.ts";
import { Header, headerKind, headerKindAt, type HeaderKind, nameBeforeColon } from "./headers.ts";
import { methodAt } from "./methods.ts";

/** Numbers kept for each header: kind, offset of the name, start and end of the value. */
const STRIDE = 4;

const usualVersion = "SIP/2.0";

/** Text of a message and where its parts are. Kinds and offsets only; nothing is interpreted. */
export class HeaderTable {
  /** The message as it came, one character per byte; a missing empty line after the headers is added. */
  text: string;
  isRequest = false;
  /** Method of a request, `""` in a reply. */
  method = "";
  requestUriStart = 0;
  requestUriEnd = 0;
  /** Status of a reply, 0 in a request. */
  statusCode = 0;
  reason = "";
  /** `SIP/2.0` as written. */
  version = usualVersion;
  /** Offset of the first line: line ends in front of it are skipped (RFC 3261, 7.5). */
  firstLineStart = 0;
  /** Offset behind the first line, where the first header is. */
  firstLineEnd = 0;
  /** Offset of the empty line: where another header can be added. */
  headersEnd = 0;
  /** Offset behind the empty line; length of the text if there is no body. */
  bodyStart = 0;
  /**
   * What is wrong with the first malformed header line, if there is one. As Kamailio: that line and those after it are
   * not in the table.
   */
  headerProblem: string | undefined = undefined;
  /** Offset of the malformed line, -1 if there is none. */
  headerProblemStart = -1;
  // Room for 16 headers without growing; more are simply written behind them.
  // oxlint-disable-next-line unicorn/no-new-array
  private readonly table: number[] = new Array<number>(64);
  private used = 0;
  private uriText = "";
  /** Bits of the kinds 1-31 that are there. */
  private present = 0;
  /**
   * The places of the first headers of the kinds 1-7, 8-15 and 16-23, four bits each: index and one; 0 for none among the first
   * fifteen headers. A request is asked for some twenty of them.
   */
  private firsts0 = 0;
  private firsts1 = 0;
  private firsts2 = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Request-URI as received, `""` in a reply. */
  get requestUri(): string {
    if (this.uriText === "")
      this.uriText = this.text.slice(this.requestUriStart, this.requestUriEnd);
    return this.uriText;
  }

  get headerCount(): number {
    return this.used / STRIDE;
  }

  headerType(index: number): HeaderKind {
    return this.table[index * STRIDE] as HeaderKind;
  }

  /** Offset of the first character of the name. */
  headerStart(index: number): number {
    return this.table[index * STRIDE + 1] as number;
  }

  /** Offset behind the name. */
  nameEnd(index: number): number {
    const colon = this.text.indexOf(":", this.headerStart(index));
    return trimEnd(this.text, this.headerStart(index), colon);
  }

  headerName(index: number): string {
    return this.text.slice(this.headerStart(index), this.nameEnd(index));
  }

  /** Offset of the first character of the value that is not white space. */
  valueStart(index: number): number {
    return this.table[index * STRIDE + 2] as number;
  }

  /** Offset behind the last character of the value that is not white space. */
  valueEnd(index: number): number {
    return this.table[index * STRIDE + 3] as number;
  }

  /** Offset behind the line end of the header, folded lines included. */
  headerEnd(index: number): number {
    const next = (index + 1) * STRIDE + 1;
    if (next < this.used) return this.table[next] as number;
    return this.headerProblemStart >= 0 ? this.headerProblemStart : this.headersEnd;
  }

  /** Value as written, folding included, without white space around it. */
  headerValue(index: number): string {
    const at = index * STRIDE;
    return this.text.slice(this.table[at + 2], this.table[at + 3]);
  }

  /** The whole header with its line end. */
  headerText(index: number): string {
    return this.text.slice(this.headerStart(index), this.headerEnd(index));
  }

  /** Index of the first header of a kind, -1 if there is none. */
  find(kind: HeaderKind): number {
    if (kind < 24) {
      const firsts = kind < 8 ? this.firsts0 : kind < 16 ? this.firsts1 : this.firsts2;
      const place = (firsts >>> ((kind & 7) * 4)) & 15;
      if (place !== 0) return place - 1;
    }
    return this.findNext(kind, -1);
  }

  /** Index of the next header of a kind after `index`, -1 if there is none. */
  findNext(kind: HeaderKind, index: number): number {
    if (kind < 32 && kind > 0 && (this.present & (1 << kind)) === 0) return -1;
    const table = this.table;
    const used = this.used;
    for (let at = (index + 1) * STRIDE; at < used; at += STRIDE) {
      if (table[at] === kind) return at / STRIDE;
    }
    return -1;
  }

  /** Index of the next header of that name after `after`: any case, full or compact; -1 if there is none. */
  findName(name: string, after = -1): number {
    const kind = headerKind(name);
    if (kind !== Header.Other) return this.findNext(kind, after);
    for (let i = after + 1; i < this.headerCount; i++) {
      if (this.headerType(i) === Header.Other && this.isNamed(i, name)) return i;
    }
    return -1;
  }

  private isNamed(index: number, name: string): boolean {
    const start = this.headerStart(index);
    const end = start + name.length;
    if (!sameAt(this.text, start, this.text.length, name)) return false;
    const c = this.text.charCodeAt(end);
    return c === 58 || c === 32 || c === 9;
  }

  /** Number of header lines of a kind. */
  count(kind: HeaderKind): number {
    let total = 0;
    for (let i = this.find(kind); i >= 0; i = this.findNext(kind, i)) total++;
    return total;
  }

  /** Value of the first header of a kind, `undefined` if there is none. */
  value(kind: HeaderKind): string | undefined {
    const index = this.find(kind);
    return index < 0 ? undefined : this.headerValue(index);
  }

  /** Values of all header lines of a kind, not split at commas. */
  values(kind: HeaderKind): string[] {
    const list: string[] = [];
    for (let i = this.find(kind); i >= 0; i = this.findNext(kind, i)) {
      list.push(this.headerValue(i));
    }
    return list;
  }

  /** Value of the first header of that name, `undefined` if there is none. */
  valueOf(name: string): string | undefined {
    const index = this.findName(name);
    return index < 0 ? undefined : this.headerValue(index);
  }

  /** Fills in the parts; the name of the problem, or `""`. */
  protected scan(): string {
    const problem = this.scanFirstLine();
    if (problem !== "") return problem;
    this.scanHeaders();
    return "";
  }

  private scanFirstLine(): string {
    const text = this.text;
    let start = 0;
    while (
      start < text.length &&
      (text.charCodeAt(start) === 13 || text.charCodeAt(start) === 10)
    ) {
      start++;
    }
    const lineFeed = text.indexOf("\n", start);
    if (lineFeed < 0) return start === text.length ? "empty" : "bad-first-line";
    this.firstLineStart = start;
    this.firstLineEnd = lineFeed + 1;
    const end = text.charCodeAt(lineFeed - 1) === 13 ? lineFeed - 1 : lineFeed;
    if (sameAt(text, start, end, "SIP/")) return this.scanStatusLine(start, end);
    return this.scanRequestLine(start, end);
  }

  private scanStatusLine(start: number, end: number): string {
    const text = this.text;
    if (!sameAt(text, start, end, "SIP/2.0 ")) return "bad-version";
    const digits = start + 8;
    let status = 0;
    for (let i = digits; i < digits + 3; i++) {
      const c = i < end ? text.charCodeAt(i) : 0;
      if (!isDigit(c)) return "bad-status";
      status = status * 10 + (c - 48);
    }
    const after = digits + 3;
    if (after < end && text.charCodeAt(after) !== 32) return "bad-status";
    if (status < 100) return "bad-status";
    if (!text.startsWith(usualVersion, start)) this.version = text.slice(start, start + 7);
    this.statusCode = status;
    this.reason = after < end ? text.slice(after + 1, end) : "";
    return "";
  }

  private scanRequestLine(start: number, end: number): string {
    const text = this.text;
    const methodEnd = text.indexOf(" ", start);
    if (methodEnd <= start || methodEnd >= end) return "bad-first-line";
    const uriStart = methodEnd + 1;
    const uriEnd = text.indexOf(" ", uriStart);
    if (uriEnd <= uriStart || uriEnd >= end) return "bad-first-line";
    // As Kamailio: more than one blank may stand here, and blanks after the version.
    let version = uriEnd + 1;
    while (version < end && text.charCodeAt(version) === 32) version++;
    const versionEnd = trimEnd(text, version, end);
    if (versionEnd - version !== 7 || !sameAt(text, version, versionEnd, "SIP/2.0")) {
      return sameAt(text, version, versionEnd, "SIP/") ? "bad-version" : "bad-first-line";
    }
    this.isRequest = true;
    this.method = methodAt(text, start, methodEnd);
    this.requestUriStart = uriStart;
    this.requestUriEnd = uriEnd;
    if (!text.startsWith(usualVersion, version)) this.version = text.slice(version, versionEnd);
    return "";
  }

  private scanHeaders(): void {
    const text = this.text;
    const length = text.length;
    let at = this.firstLineEnd;
    while (at < length) {
      const c = text.charCodeAt(at);
      if (c === 10 || (c === 13 && text.charCodeAt(at + 1) === 10)) {
        this.headersEnd = at;
        this.bodyStart = c === 10 ? at + 1 : at + 2;
        return;
      }
      const lineEnd = this.lineEnd(at);
      if (this.headerProblemStart < 0 && !this.addHeader(at, lineEnd)) {
        this.headerProblem = "bad-header";
        this.headerProblemStart = at;
      }
      at = lineEnd;
    }
    // Readers and edits can rely on the empty line from here on.
    this.text = text.charCodeAt(length - 1) === 10 ? text : `${text}\r\n`;
    this.headersEnd = this.text.length;
    this.text += "\r\n";
    this.bodyStart = this.text.length;
  }

  /** Offset behind the line that starts here, with the folded lines that belong to it. */
  private lineEnd(start: number): number {
    const text = this.text;
    let at = start;
    for (;;) {
      const lineFeed = text.indexOf("\n", at);
      if (lineFeed < 0) return text.length;
      at = lineFeed + 1;
      const c = text.charCodeAt(at);
      if (c !== 32 && c !== 9) return at;
    }
  }

  private addHeader(start: number, end: number): boolean {
    const text = this.text;
    const known = nameBeforeColon(text, start);
    if (known !== null) {
      this.addLine(known.kind, start, start + known.codes.length + 1, end);
      return true;
    }
    const nameEnd = endOfName(text, start, end);
    let colon = nameEnd;
    while (colon < end && isBlank(text.charCodeAt(colon))) colon++;
    if (colon >= end || text.charCodeAt(colon) !== 58) return false;
    const kind = headerKindAt(text, start, nameEnd);
    if (kind === Header.Other && (nameEnd === start || isFolded(text, nameEnd, colon))) {
      return false;
    }
    this.addLine(kind, start, colon + 1, end);
    return true;
  }

  private addLine(kind: HeaderKind, start: number, behindColon: number, end: number): void {
    const text = this.text;
    let valueStart = behindColon;
    let valueEnd = end;
    while (valueStart < valueEnd && isBlank(text.charCodeAt(valueStart))) valueStart++;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd--;
    const table = this.table;
    const at = this.used;
    if (kind < 32) {
      if (kind < 24 && kind > 0 && at < 15 * STRIDE && (this.present & (1 << kind)) === 0) {
        this.noteFirst(kind, at / STRIDE + 1);
      }
      this.present |= 1 << kind;
    }
    table[at] = kind;
    table[at + 1] = start;
    table[at + 2] = valueStart;
    table[at + 3] = valueEnd;
    this.used = at + STRIDE;
  }

  private noteFirst(kind: number, place: number): void {
    const bits = place << ((kind & 7) * 4);
    if (kind < 8) this.firsts0 |= bits;
    else if (kind < 16) this.firsts1 |= bits;
    else this.firsts2 |= bits;
  }
}

/** Offset of the colon or blank behind a name. Names are short: a search for the colon would cost more. */
function endOfName(text: string, start: number, end: number): number {
  let i = start;
  for (; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 58 || c <= 32) break;
  }
  return i;
}

/** Whether a line ends in this range. */
function isFolded(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 10) return true;
  return false;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 13 || c === 10 || c === 9;
}
