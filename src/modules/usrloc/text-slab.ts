/** Texts outside of V8's heap: pieces of pages, whose space is used again. */

/** What the types of Node.js do not show of a Buffer: the fast ways in and out. */
interface TextBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Write(text: string, offset: number, length: number): number;
  ucs2Slice(start: number, end: number): string;
}

/** Bytes that positions count in; all sizes are multiples of it. */
const UNIT = 16;
const PAGE = 65_536;
const PAGE_UNITS = PAGE / UNIT;
/** Pages are made so many at a time, in shared buffers as those of records. */
const CHUNK_PAGES = 32;
/** Longest piece in bytes. */
export const LONGEST_PIECE = 16_384;
/** Up to here sizes rise unit by unit, then by an eighth. */
const FINE = 512;
const NONE = -1;

function pieceSizes(): number[] {
  const sizes: number[] = [];
  for (let size = UNIT; size <= FINE; size += UNIT) sizes.push(size);
  for (let size = FINE; size < LONGEST_PIECE;) {
    size = Math.min(LONGEST_PIECE, size + Math.ceil(size / 8 / UNIT) * UNIT);
    sizes.push(size);
  }
  return sizes;
}

/** A page holds pieces of one size. */
interface Page {
  /** Of the pages of its size with room, the one after it and before it; NONE at the ends. */
  next: number;
  previous: number;
  /** Which of the sizes. */
  kind: number;
  /** Pieces in use. */
  pieces: number;
  /** First byte that was never used. */
  fresh: number;
  /** First piece that is free again; each names the next. */
  free: number;
}

/** The texts. */
export class TextSlab {
  readonly #sizes = pieceSizes();
  readonly #buffers: TextBuffer[] = [];
  readonly #words: Int32Array[] = [];
  readonly #pages: Page[] = [];
  /** For each size the first page with room. */
  readonly #open: number[] = this.#sizes.map(() => NONE);
  /** Pages without any piece. */
  readonly #empty: number[] = [];

  /** Bytes of all pages. */
  get bytes(): number {
    return this.#buffers.length * CHUNK_PAGES * PAGE;
  }

  /** Bytes of pages that hold pieces. */
  get bytesInUse(): number {
    return (this.#pages.length - this.#empty.length) * PAGE;
  }

  /** Stores a text of at most LONGEST_PIECE bytes; its position. A wide one takes two bytes for each character. */
  store(text: string, isWide: boolean): number {
    const position = this.#take(bytesOf(text.length, isWide));
    const page = Math.floor(position / PAGE_UNITS);
    const buffer = this.#buffers[Math.floor(page / CHUNK_PAGES)] as TextBuffer;
    const at = (position % (PAGE_UNITS * CHUNK_PAGES)) * UNIT;
    if (isWide) buffer.ucs2Write(text, at, text.length * 2);
    else buffer.latin1Write(text, at, text.length);
    return position;
  }

  /** The beginning of a stored text. */
  read(position: number, length: number, isWide: boolean): string {
    const chunk = Math.floor(position / (PAGE_UNITS * CHUNK_PAGES));
    const buffer = this.#buffers[chunk] as TextBuffer;
    const at = (position % (PAGE_UNITS * CHUNK_PAGES)) * UNIT;
    return isWide ? buffer.ucs2Slice(at, at + length * 2) : buffer.latin1Slice(at, at + length);
  }

  /** The space of a text can be used again. */
  drop(position: number): void {
    const number = Math.floor(position / PAGE_UNITS);
    const page = this.#pages[number] as Page;
    const wasFull = this.#isFull(page);
    const at = (position % PAGE_UNITS) * UNIT;
    this.#setLink(number, at, page.free);
    page.free = at;
    page.pieces--;
    if (page.pieces === 0) {
      if (!wasFull) this.#close(page);
      this.#empty.push(number);
    } else if (wasFull) this.#offer(number, page);
  }

  #take(bytes: number): number {
    const kind = this.#kindOf(bytes);
    const size = this.#sizes[kind] as number;
    let number = this.#open[kind] as number;
    if (number === NONE) number = this.#newPage(kind);
    const page = this.#pages[number] as Page;
    let at = page.free;
    if (at === NONE) {
      at = page.fresh;
      page.fresh += size;
    } else page.free = this.#link(number, at);
    page.pieces++;
    if (this.#isFull(page)) this.#close(page);
    return number * PAGE_UNITS + at / UNIT;
  }

  #kindOf(bytes: number): number {
    if (bytes <= FINE) return Math.max(0, Math.ceil(bytes / UNIT) - 1);
    let kind = FINE / UNIT;
    while ((this.#sizes[kind] as number) < bytes) kind++;
    return kind;
  }

  #isFull({ free, fresh, kind }: Page): boolean {
    return free === NONE && fresh + (this.#sizes[kind] as number) > PAGE;
  }

  #newPage(kind: number): number {
    if (this.#empty.length === 0) this.#newChunk();
    const number = this.#empty.pop() as number;
    const page = this.#pages[number] as Page;
    page.kind = kind;
    page.fresh = 0;
    page.free = NONE;
    this.#offer(number, page);
    return number;
  }

  #newChunk(): void {
    const buffer = Buffer.from(new SharedArrayBuffer(CHUNK_PAGES * PAGE)) as unknown as TextBuffer;
    this.#buffers.push(buffer);
    this.#words.push(new Int32Array(buffer.buffer));
    for (let i = CHUNK_PAGES; i > 0; i--) this.#empty.push(this.#pages.length + i - 1);
    for (let i = 0; i < CHUNK_PAGES; i++) {
      this.#pages.push({ next: NONE, previous: NONE, kind: 0, pieces: 0, fresh: 0, free: NONE });
    }
  }

  /** Puts a page in front of those of its size that have room. */
  #offer(number: number, page: Page): void {
    const next = this.#open[page.kind] as number;
    page.next = next;
    page.previous = NONE;
    if (next !== NONE) (this.#pages[next] as Page).previous = number;
    this.#open[page.kind] = number;
  }

  #close({ next, previous, kind }: Page): void {
    if (next !== NONE) (this.#pages[next] as Page).previous = previous;
    if (previous === NONE) this.#open[kind] = next;
    else (this.#pages[previous] as Page).next = next;
  }

  #link(page: number, at: number): number {
    const words = this.#words[Math.floor(page / CHUNK_PAGES)] as Int32Array;
    return words[((page % CHUNK_PAGES) * PAGE + at) >> 2] as number;
  }

  #setLink(page: number, at: number, value: number): void {
    const words = this.#words[Math.floor(page / CHUNK_PAGES)] as Int32Array;
    words[((page % CHUNK_PAGES) * PAGE + at) >> 2] = value;
  }
}

/** Bytes that a text takes. */
export function bytesOf(length: number, isWide: boolean): number {
  return isWide ? length * 2 : length;
}
