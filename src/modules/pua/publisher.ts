/** All publications of one event package. */
import type { PublicationView, Publisher, PublisherOptions } from "./api.ts";
import { Publication } from "./publication.ts";
import type { PuaSurroundings } from "./surroundings.ts";

/** Publications by key. */
export class EventPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #around: PuaSurroundings;
  readonly #publications = new Map<string, Publication>();
  readonly #ended = (publication: Publication): void => {
    const { key } = publication;
    if (this.#publications.get(key) === publication) this.#publications.delete(key);
  };

  constructor(options: PublisherOptions, around: PuaSurroundings) {
    this.#options = options;
    this.#around = around;
  }

  get size(): number {
    return this.#publications.size;
  }

  publish(key: string, resource: string): void {
    const publication = this.#publications.get(key) ?? this.#add({ key, resource });
    publication.changed();
  }

  resume(accepts: (publication: PublicationView) => boolean): void {
    const { event, idPrefix } = this.#options;
    const { store } = this.#around;
    for (const stored of store?.takePublications(event) ?? []) {
      const { id, resource } = stored;
      const names = { key: id.slice(idPrefix.length), resource };
      if (!id.startsWith(idPrefix) || this.#publications.has(names.key) || !accepts(names)) {
        store?.removePublication(event, id, resource);
      } else this.#add(names).resume(stored);
    }
  }

  #add(names: PublicationView): Publication {
    const publication = new Publication(names, this.#options, this.#around, this.#ended);
    this.#publications.set(names.key, publication);
    return publication;
  }

  removeAfter(key: string, seconds: number): void {
    this.#publications.get(key)?.removeAfter(seconds);
  }

  list(): Iterable<Publication> {
    return this.#publications.values();
  }

  /** Leaves everything as it is at the servers; resolves when nothing is on its way any more. */
  async suspendAll(): Promise<void> {
    await Promise.all([...this.#publications.values()].map((publication) => publication.suspend()));
  }

  /** Takes back everything; resolves when all is answered. */
  async removeAll(): Promise<void> {
    const all = [...this.#publications.values()];
    await Promise.all(all.map((publication) => publication.remove()));
  }
}
