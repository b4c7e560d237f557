/** All publications of one event package. */
import type { Publisher, PublisherOptions } from "./api.ts";
import { Publication } from "./publication.ts";
import type { PuaSurroundings } from "./surroundings.ts";

/** Publications by key. */
export class EventPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #around: PuaSurroundings;
  readonly #publications = new Map<string, Publication>();

  constructor(options: PublisherOptions, around: PuaSurroundings) {
    this.#options = options;
    this.#around = around;
  }

  get size(): number {
    return this.#publications.size;
  }

  publish(key: string, resource: string): void {
    let publication = this.#publications.get(key);
    if (publication === undefined) {
      publication = new Publication({ key, resource }, this.#options, this.#around, (ended) => {
        if (this.#publications.get(ended.key) === ended) this.#publications.delete(ended.key);
      });
      this.#publications.set(key, publication);
    }
    publication.changed();
  }

  removeAfter(key: string, seconds: number): void {
    this.#publications.get(key)?.removeAfter(seconds);
  }

  list(): Iterable<Publication> {
    return this.#publications.values();
  }

  /** Takes back everything; resolves when all is answered. */
  async removeAll(): Promise<void> {
    const all = [...this.#publications.values()];
    await Promise.all(all.map((publication) => publication.remove()));
  }
}
