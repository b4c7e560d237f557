/** Cuts a stream of bytes into JSON documents: by balance of braces outside of strings. */

export class DocumentSplitter {
  readonly #maxSize: number;
  #text = "";
  #at = 0;
  #depth = 0;
  #inString = false;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** How much of a document has come that is not complete yet, in bytes. */
  get pending(): number {
    return this.#text.length;
  }

  /**
   * Takes what came and hands back the documents that are complete now. What does not start as an object is handed back as
   * well, line by line, so that its sender can be told.
   */
  push(text: string): string[] {
    const documents: string[] = [];
    this.#text += text;
    while (this.#at < this.#text.length) {
      if (this.#depth === 0) this.#restart(firstNonSpace(this.#text));
      const end = this.#text.startsWith("{") ? this.#scan() : this.#endOfLine();
      if (end < 0) break;
      documents.push(this.#text.slice(0, end));
      this.#restart(end);
    }
    return documents;
  }

  /** Whether the document that is coming has grown too large. */
  get isTooLarge(): boolean {
    return this.#text.length > this.#maxSize;
  }

  /** Forgets the document that is coming. */
  clear(): void {
    this.#restart(this.#text.length);
  }

  /** The line end behind what is no object; -1 when it has not come yet. */
  #endOfLine(): number {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) this.#at = this.#text.length;
    return end;
  }

  #restart(from: number): void {
    this.#text = this.#text.slice(from);
    this.#at = 0;
    this.#depth = 0;
    this.#inString = false;
  }

  /** Goes on to the end of the document: the offset behind it, or -1 when it has not come yet. */
  #scan(): number {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (this.#inString) {
        if (char === "\\") this.#at++;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') this.#inString = true;
      else if (char === "{") this.#depth++;
      else if (char === "}" && --this.#depth === 0) return this.#at + 1;
    }
    return -1;
  }
}

function firstNonSpace(text: string): number {
  const at = text.search(/\S/);
  return at < 0 ? text.length : at;
}
