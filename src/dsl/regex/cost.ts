/** How much work a pattern can cause a backtracking engine, and whether that engine may find a shorter match than POSIX's. */
import { children, noBytes, overlap, Shapes, union, type Bits, type Shape } from "./shape.ts";
import type { RegexNode } from "./syntax.ts";

/** A repeat that goes on for long (without end, or counted high). */
function isLong(node: RegexNode): boolean {
  return node.kind === "repeat" && node.max > 8;
}

function hasLongRepeat(node: RegexNode): boolean {
  return isLong(node) || children(node).some(hasLongRepeat);
}

function countLongRepeats(node: RegexNode): number {
  if (node.kind === "choice") return Math.max(0, ...node.options.map(countLongRepeats));
  const own = isLong(node) ? 1 : 0;
  return children(node).reduce((sum, child) => sum + countLongRepeats(child), own);
}

function startsAnchored(node: RegexNode): boolean {
  switch (node.kind) {
    case "assert":
      return node.assertion === "start";
    case "sequence":
      return node.items[0] !== undefined && startsAnchored(node.items[0]);
    case "choice":
      return node.options.every(startsAnchored);
    case "group":
      return startsAnchored(node.body);
    default:
      return false;
  }
}

/** Judges one pattern. */
export class PatternCost {
  readonly #root: RegexNode;
  readonly #shapes = new Shapes();

  constructor(root: RegexNode) {
    this.#root = root;
  }

  /** Whether a backtracking engine can need exponential time: an ambiguous repeat inside a repeat without end. */
  get mayBacktrack(): boolean {
    return this.#mayBacktrack(this.#root);
  }

  /**
   * An upper bound for the exponent of the time a backtracking engine needs: 1 is linear in the length of the text, 2
   * quadratic; `Infinity` when it may be exponential.
   */
  get degree(): number {
    if (this.mayBacktrack) return Infinity;
    const repeats = countLongRepeats(this.#root);
    if (repeats === 0) return 1;
    return repeats + (startsAnchored(this.#root) ? 0 : 1);
  }

  /**
   * Whether a backtracking engine may stop at a shorter match than the longest one. False only when it surely does not: no
   * choice, and what follows a part of variable length cannot take what that part could have eaten.
   */
  get mayMatchShorter(): boolean {
    return this.#mayMatchShorter(this.#root);
  }

  #mayBacktrack(node: RegexNode): boolean {
    if (node.kind === "repeat" && isLong(node) && this.#isAmbiguousRound(node.body)) return true;
    return children(node).some((child) => this.#mayBacktrack(child));
  }

  /** Whether the end of one round and the beginning of the next can be told apart in more than one way. */
  #isAmbiguousRound(body: RegexNode): boolean {
    if (this.#hasOverlappingChoice(body)) return true;
    const shape = this.#shapes.of(body);
    if (!shape.isVariable) return false;
    if (shape.canBeEmpty) return true;
    if (!hasLongRepeat(body)) return false;
    const eaten = this.#eaten(body);
    return overlap(shape.first, eaten) && !this.#endsWithout(body, eaten);
  }

  #hasOverlappingChoice(node: RegexNode): boolean {
    if (node.kind === "choice") {
      const shapes = node.options.map((option) => this.#shapes.of(option));
      for (let i = 0; i < shapes.length; i++) {
        for (let j = i + 1; j < shapes.length; j++) {
          const [a, b] = [shapes[i] as Shape, shapes[j] as Shape];
          if (a.canBeEmpty || b.canBeEmpty || overlap(a.first, b.first)) return true;
        }
      }
    }
    return children(node).some((child) => this.#hasOverlappingChoice(child));
  }

  /** Bytes that the parts of variable length inside can take. */
  #eaten(node: RegexNode): Bits {
    if (node.kind === "repeat" && node.min !== node.max) return this.#shapes.of(node.body).all;
    return children(node).reduce<Bits>((set, child) => union(set, this.#eaten(child)), noBytes());
  }

  /** Whether a round ends with a fixed part that its parts of variable length cannot take (`[^,]*,`). */
  #endsWithout(body: RegexNode, eaten: Bits): boolean {
    if (body.kind === "group") return this.#endsWithout(body.body, eaten);
    if (body.kind === "sequence") {
      const last = body.items.at(-1);
      return last !== undefined && this.#endsWithout(last, eaten);
    }
    const shape = this.#shapes.of(body);
    return !shape.isVariable && !shape.canBeEmpty && !overlap(shape.all, eaten);
  }

  #mayMatchShorter(node: RegexNode): boolean {
    if (node.kind === "choice" || node.kind === "backreference") return true;
    if (node.kind === "repeat" && this.#shapes.of(node.body).isVariable) return true;
    if (node.kind === "sequence") {
      for (let i = 0; i < node.items.length; i++) {
        const shape = this.#shapes.of(node.items[i] as RegexNode);
        if (!shape.isVariable) continue;
        const rest = this.#shapes.sequence(node.items.slice(i + 1));
        if (rest.isVariable && overlap(shape.all, rest.all)) return true;
      }
    }
    return children(node).some((child) => this.#mayMatchShorter(child));
  }
}
