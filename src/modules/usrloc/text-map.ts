/** A map by text that grows without a pause: many small maps, of which only one at a time makes room. */

/** A million entries are a thousand in each: made room for in some 20 µs. */
const SHARDS = 1024;

/** Like `Map`, for millions of entries; in no particular order. */
export class TextMap<V> {
  readonly #shards: (Map<string, V> | null)[] = Array.from({ length: SHARDS }, () => null);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const shard = this.#shards[shardOf(key)] as Map<string, V> | null;
    return shard === null ? undefined : shard.get(key);
  }

  set(key: string, value: V): void {
    const index = shardOf(key);
    let shard = this.#shards[index] as Map<string, V> | null;
    if (shard === null) {
      shard = new Map();
      this.#shards[index] = shard;
    }
    const before = shard.size;
    shard.set(key, value);
    this.#size += shard.size - before;
  }

  delete(key: string): void {
    const index = shardOf(key);
    const shard = this.#shards[index] as Map<string, V> | null;
    if (shard === null || !shard.delete(key)) return;
    this.#size--;
    if (shard.size === 0) this.#shards[index] = null;
  }

  /**
   * All entries. May go on while the map changes: what is there from beginning to end comes exactly once, what is added or
   * taken out meanwhile comes once or not at all.
   */
  *entries(): Generator<[string, V], undefined> {
    for (let index = 0; index < SHARDS; index++) {
      const shard = this.#shards[index] as Map<string, V> | null;
      if (shard !== null) yield* shard.entries();
    }
  }
}

/** Any even spread will do: within a shard keys are told apart by the map. */
function shardOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SHARDS - 1);
}
