/** What parts of a pattern can match, as far as the estimates of its cost need it. */
import { byteSet, otherCase, type ByteSet, type RegexNode } from "./syntax.ts";

/** A set of bytes as 256 bits. */
export type Bits = Uint32Array;

export interface Shape {
  /** Bytes a match can begin with, or contain at all. */
  readonly first: Bits;
  readonly all: Bits;
  readonly canBeEmpty: boolean;
  /** Whether matches have different lengths. */
  readonly isVariable: boolean;
}

const nothing: Bits = new Uint32Array(8);
const everything: Bits = new Uint32Array(8).fill(0xffffffff);

function bits(set: ByteSet, negated: boolean): Bits {
  const result = new Uint32Array(8);
  for (let code = 0; code < 256; code++) {
    if ((set[code] === 1) !== negated)
      result[code >> 5] = (result[code >> 5] as number) | (1 << (code & 31));
  }
  return result;
}

export function union(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word | (b[i] as number));
}

export function overlap(a: Bits, b: Bits): boolean {
  for (let i = 0; i < 8; i++) {
    if (((a[i] as number) & (b[i] as number)) !== 0) return true;
  }
  return false;
}

export function noBytes(): Bits {
  return nothing;
}

/** The parts a node is made of. */
export function children(node: RegexNode): readonly RegexNode[] {
  switch (node.kind) {
    case "sequence":
      return node.items;
    case "choice":
      return node.options;
    case "group":
    case "repeat":
      return [node.body];
    default:
      return [];
  }
}

/** Works out shapes, each once. */
export class Shapes {
  readonly #known = new Map<RegexNode, Shape>();

  of(node: RegexNode): Shape {
    let shape = this.#known.get(node);
    if (shape === undefined) this.#known.set(node, (shape = this.#make(node)));
    return shape;
  }

  /** The shape of parts in a row. */
  sequence(items: readonly RegexNode[]): Shape {
    let first = nothing;
    let all = nothing;
    let canBeEmpty = true;
    let isVariable = false;
    for (const item of items) {
      const shape = this.of(item);
      if (canBeEmpty) first = union(first, shape.first);
      all = union(all, shape.all);
      canBeEmpty &&= shape.canBeEmpty;
      isVariable ||= shape.isVariable;
    }
    return { first, all, canBeEmpty, isVariable };
  }

  #make(node: RegexNode): Shape {
    switch (node.kind) {
      case "empty":
      case "assert":
        return { first: nothing, all: nothing, canBeEmpty: true, isVariable: false };
      case "char": {
        const set = byteSet((code) => code === node.code || otherCase(code) === node.code);
        return this.#atom(bits(set, false));
      }
      case "any":
        return this.#atom(everything);
      case "set":
        return this.#atom(bits(node.set, node.negated));
      case "sequence":
        return this.sequence(node.items);
      case "choice":
        return this.#choice(node.options);
      case "group":
        return this.of(node.body);
      case "repeat": {
        const body = this.of(node.body);
        const canBeEmpty = body.canBeEmpty || node.min === 0;
        return { ...body, canBeEmpty, isVariable: body.isVariable || node.min !== node.max };
      }
      case "backreference":
        return { first: everything, all: everything, canBeEmpty: true, isVariable: true };
    }
  }

  #atom(set: Bits): Shape {
    return { first: set, all: set, canBeEmpty: false, isVariable: false };
  }

  #choice(options: readonly RegexNode[]): Shape {
    const shapes = options.map((option) => this.of(option));
    return {
      first: shapes.reduce((set, shape) => union(set, shape.first), nothing),
      all: shapes.reduce((set, shape) => union(set, shape.all), nothing),
      canBeEmpty: shapes.some((shape) => shape.canBeEmpty),
      // Options may differ in length; telling is not worth the trouble.
      isVariable: true,
    };
  }
}
