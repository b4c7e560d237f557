/** Matches an expression in time linear in the text, whatever the pattern: a simulation of its automaton. */
import { isWord, withBothCases, type Assertion, type ByteSet, type RegexNode } from "./syntax.ts";

const Op = { set: 0, notSet: 1, any: 2, split: 3, jump: 4, save: 5, assert: 6, match: 7 } as const;

interface Instruction {
  readonly op: number;
  /** First (preferred) target of `split`, target of `jump`, slot of `save`. */
  x: number;
  y: number;
  readonly set: ByteSet | undefined;
  readonly assertion: Assertion | undefined;
}

function instruction(op: number, set?: ByteSet, assertion?: Assertion): Instruction {
  return { op, x: 0, y: 0, set, assertion };
}

/** Writes the program for a tree. Counted repeats are written out; the reader has bounded their size. */
class ProgramWriter {
  readonly program: Instruction[] = [];
  readonly #ignoreCase: boolean;

  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
  }

  #add(item: Instruction): number {
    return this.program.push(item) - 1;
  }

  #save(slot: number): void {
    this.program[this.#add(instruction(Op.save))]!.x = slot;
  }

  #bytes(set: ByteSet, negated: boolean): void {
    const bytes = this.#ignoreCase ? withBothCases(set) : set;
    this.#add(instruction(negated ? Op.notSet : Op.set, bytes));
  }

  write(node: RegexNode): void {
    switch (node.kind) {
      case "empty":
        return;
      case "char": {
        const set = new Uint8Array(256);
        if (node.code < 256) set[node.code] = 1;
        return this.#bytes(set, false);
      }
      case "any":
        this.#add(instruction(Op.any));
        return;
      case "set":
        return this.#bytes(node.set, node.negated);
      case "assert":
        this.#add(instruction(Op.assert, undefined, node.assertion));
        return;
      case "sequence":
        for (const item of node.items) this.write(item);
        return;
      case "choice":
        return this.#choice(node.options);
      case "group":
        this.#save(node.index * 2);
        this.write(node.body);
        return this.#save(node.index * 2 + 1);
      case "repeat":
        return this.#repeat(node.body, node.min, node.max);
      case "backreference":
        throw new Error("a pattern with a back-reference has no finite automaton");
    }
  }

  #choice(options: readonly RegexNode[]): void {
    const ends: Instruction[] = [];
    options.forEach((option, i) => {
      if (i === options.length - 1) return this.write(option);
      const split = instruction(Op.split);
      split.x = this.#add(split) + 1;
      this.write(option);
      const jump = instruction(Op.jump);
      this.#add(jump);
      ends.push(jump);
      split.y = this.program.length;
    });
    for (const jump of ends) jump.x = this.program.length;
  }

  #repeat(body: RegexNode, min: number, max: number): void {
    for (let i = 0; i < min; i++) this.write(body);
    if (max === Infinity) {
      const split = instruction(Op.split);
      const start = this.#add(split);
      split.x = start + 1;
      this.write(body);
      const jump = instruction(Op.jump);
      jump.x = start;
      this.#add(jump);
      split.y = this.program.length;
      return;
    }
    const splits: Instruction[] = [];
    for (let i = min; i < max; i++) {
      const split = instruction(Op.split);
      split.x = this.#add(split) + 1;
      splits.push(split);
      this.write(body);
    }
    for (const split of splits) split.y = this.program.length;
  }

  finish(): Instruction[] {
    this.#add(instruction(Op.match));
    return this.program;
  }
}

function wordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && isWord(text.charCodeAt(at));
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case "start":
      return at === 0;
    case "end":
      return at === text.length;
    case "line-start":
      return at === 0 || text.charCodeAt(at - 1) === 10;
    case "line-end":
      return at === text.length || text.charCodeAt(at) === 10;
    case "word-boundary":
      return wordAt(text, at - 1) !== wordAt(text, at);
    case "no-word-boundary":
      return wordAt(text, at - 1) === wordAt(text, at);
    case "word-start":
      return !wordAt(text, at - 1) && wordAt(text, at);
    case "word-end":
      return wordAt(text, at - 1) && !wordAt(text, at);
  }
}

function accepts(item: Instruction, code: number): boolean {
  if (item.op === Op.any) return true;
  const isIn = code < 256 && (item.set as ByteSet)[code] === 1;
  return item.op === Op.set ? isIn : item.op === Op.notSet && !isIn;
}

/** Threads waiting at one position of the text: each state once, in order of preference. */
class ThreadList {
  readonly states: number[] = [];
  readonly captures: (readonly number[])[] = [];
  readonly #seen: Uint32Array;
  #generation = 0;

  constructor(size: number) {
    this.#seen = new Uint32Array(size);
  }

  clear(): void {
    this.states.length = 0;
    this.captures.length = 0;
    this.#generation++;
  }

  /** False when the state is there already. */
  mark(state: number): boolean {
    if (this.#seen[state] === this.#generation) return false;
    this.#seen[state] = this.#generation;
    return true;
  }
}

/** A pattern as an automaton. */
export class LinearMatcher {
  readonly #program: readonly Instruction[];
  readonly #slots: number;
  #current: ThreadList;
  #next: ThreadList;
  readonly #stack: number[] = [];
  readonly #stackCaptures: (readonly number[])[] = [];

  constructor(root: RegexNode, groups: number, ignoreCase: boolean) {
    const writer = new ProgramWriter(ignoreCase);
    writer.write(root);
    this.#program = writer.finish();
    this.#slots = (groups + 1) * 2;
    this.#current = new ThreadList(this.#program.length);
    this.#next = new ThreadList(this.#program.length);
    this.#current.clear();
    this.#next.clear();
  }

  /**
   * The leftmost and, of those, longest match at or behind `from`: begin and end of the whole and of each group (-1 when a
   * group took no part). With `sticky` it must begin at `from`. Undefined when there is none.
   */
  match(text: string, from: number, sticky: boolean): readonly number[] | undefined {
    let best: readonly number[] | undefined;
    this.#current.clear();
    for (let at = from; ; at++) {
      if (best === undefined && (at === from || !sticky)) {
        const captures = Array.from<number>({ length: this.#slots }).fill(-1);
        captures[0] = at;
        this.#follow(this.#current, 0, captures, text, at);
      }
      if (this.#current.states.length === 0 && (best !== undefined || sticky)) return best;
      best = this.#step(text, at, best);
      if (at >= text.length) return best;
      const done = this.#current;
      this.#current = this.#next;
      this.#next = done;
    }
  }

  /** Moves all threads over one character and notes those that are complete. */
  #step(
    text: string,
    at: number,
    found: readonly number[] | undefined,
  ): readonly number[] | undefined {
    let best = found;
    const code = at < text.length ? text.charCodeAt(at) : -1;
    const { states, captures } = this.#current;
    this.#next.clear();
    for (let i = 0; i < states.length; i++) {
      const own = captures[i] as readonly number[];
      if (best !== undefined && (own[0] as number) > (best[0] as number)) break;
      const item = this.#program[states[i] as number] as Instruction;
      if (item.op === Op.match) {
        const isBetter =
          best === undefined ||
          (own[0] as number) < (best[0] as number) ||
          at > (best[1] as number);
        if (isBetter) best = own.with(1, at);
      } else if (code >= 0 && accepts(item, code)) {
        this.#follow(this.#next, (states[i] as number) + 1, own, text, at + 1);
      }
    }
    return best;
  }

  /** Adds a state and all that it leads to without a character. */
  // oxlint-disable-next-line max-params -- the inner loop of the matcher; an object per call would cost more
  #follow(
    list: ThreadList,
    state: number,
    captures: readonly number[],
    text: string,
    at: number,
  ): void {
    const states = this.#stack;
    const held = this.#stackCaptures;
    states.push(state);
    held.push(captures);
    while (states.length > 0) {
      const pc = states.pop() as number;
      const own = held.pop() as readonly number[];
      if (!list.mark(pc)) continue;
      const item = this.#program[pc] as Instruction;
      switch (item.op) {
        case Op.split:
          states.push(item.y, item.x);
          held.push(own, own);
          break;
        case Op.jump:
          states.push(item.x);
          held.push(own);
          break;
        case Op.save:
          states.push(pc + 1);
          held.push(own.with(item.x, at));
          break;
        case Op.assert:
          if (holds(item.assertion as Assertion, text, at)) {
            states.push(pc + 1);
            held.push(own);
          }
          break;
        default:
          list.states.push(pc);
          list.captures.push(own);
      }
    }
  }
}
