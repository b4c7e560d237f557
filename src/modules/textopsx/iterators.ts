/** Iterators over the headers and over the lines of the body of a message. */
import type { Value } from "../../dsl/value.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { VariableImplementation } from "../../runtime/module.ts";

/** Most iterators at a time. */
const MOST = 4;

/** A place between nothing (-1) and behind the end. */
interface Position {
  at: number;
  hasEnded: boolean;
  /** What there was when the iterator was started. */
  readonly items: readonly Item[];
}

/** Range of what an iterator is at. */
export interface Item {
  readonly start: number;
  readonly end: number;
}

/** Iterators by name over one kind of items. */
export class Iterators {
  readonly #slot = new ContextSlot<Map<string, Position>>();
  readonly #items: (context: ScriptContext) => readonly Item[];

  constructor(items: (context: ScriptContext) => readonly Item[]) {
    this.#items = items;
  }

  #find(context: ScriptContext, name: string): Position | undefined {
    return context.state(this.#slot)?.get(name);
  }

  start(context: ScriptContext, name: string): number {
    const all = context.state(this.#slot) ?? new Map<string, Position>();
    if (!all.has(name) && all.size >= MOST) {
      context.services.log.error(`there are ${MOST} iterators already`);
      return -1;
    }
    context.setState(
      this.#slot,
      all.set(name, { at: -1, hasEnded: false, items: this.#items(context) }),
    );
    return 1;
  }

  end(context: ScriptContext, name: string): number {
    return context.state(this.#slot)?.delete(name) === true ? 1 : -1;
  }

  next(context: ScriptContext, name: string): number {
    const position = this.#find(context, name);
    if (position === undefined || position.hasEnded) return -1;
    if (position.at + 1 >= position.items.length) {
      position.hasEnded = true;
      return -1;
    }
    position.at++;
    return 1;
  }

  previous(context: ScriptContext, name: string): number {
    const position = this.#find(context, name);
    if (position === undefined || position.hasEnded || position.at <= 0) return -1;
    position.at--;
    return 1;
  }

  /** Index of the present item, -1 if there is none. */
  index(context: ScriptContext, name: string): number {
    const position = this.#find(context, name);
    return position === undefined || position.hasEnded ? -1 : position.at;
  }

  item(context: ScriptContext, name: string): Item | undefined {
    const position = this.#find(context, name);
    return position === undefined || position.hasEnded ? undefined : position.items[position.at];
  }

  remove(context: ScriptContext, name: string): number {
    const item = this.item(context, name);
    if (item === undefined) return -1;
    context.edits.remove(item.start, item.end);
    return 1;
  }

  append(context: ScriptContext, name: string, text: string): number {
    const item = this.item(context, name);
    if (item === undefined) return -1;
    context.edits.insert(item.end, text);
    return 1;
  }

  insert(context: ScriptContext, name: string, text: string): number {
    const item = this.item(context, name);
    if (item === undefined) return -1;
    context.edits.insert(item.start, text);
    return 1;
  }

  /** A variable on the present item of the iterator named in its parentheses. */
  variable(
    read: (context: ScriptContext, item: Item, index: number) => Value,
  ): VariableImplementation {
    return (reference) => ({
      get: (context) => {
        const name = reference.innerText(context);
        const item = this.item(context, name);
        return item === undefined ? null : read(context, item, this.index(context, name));
      },
    });
  }
}

export function headerItems({ msg }: ScriptContext): Item[] {
  const items: Item[] = [];
  for (let i = 0; i < msg.headerCount; i++) {
    items.push({ start: msg.headerStart(i), end: msg.headerEnd(i) });
  }
  return items;
}

/** Lines with their line ends. */
export function bodyLines({ msg }: ScriptContext): Item[] {
  const items: Item[] = [];
  const end = msg.bodyStart + msg.body.length;
  for (let start = msg.bodyStart; start < end;) {
    const feed = msg.text.indexOf("\n", start);
    const stop = feed < 0 || feed >= end ? end : feed + 1;
    items.push({ start, end: stop });
    start = stop;
  }
  return items;
}
