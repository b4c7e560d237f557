/**
 * The rule of `routing.ts` as a program for the system's packet filter: of several sockets on one port, the system hands a packet to
 * that of the worker that it belongs to. What the program cannot tell goes to any of them, and is handed over.
 *
 * Classic filters know no loops and no calls: what is repeated is written out, and jumps go forward only.
 */
import { BRANCH_CHARACTERS, BRANCH_MARK, SPREAD } from "./routing.ts";

/** How far a program looks. Older systems allow less than newer ones. */
export interface Reach {
  /** How many places are tried for the To header. */
  readonly to: number;
  /** How many places are tried for a branch. */
  readonly branch: number;
  /** Longest user. */
  readonly user: number;
}

/** From the one that sees most to the one that every system takes. */
export const reaches: readonly Reach[] = [
  { to: 400, branch: 160, user: 32 },
  { to: 0, branch: 50, user: 16 },
];

/** Where branches and To headers may begin at the earliest. */
const FIRST_PLACE = 36;

/** Memory of a program, by what is kept there. */
const Slot = { hash: 0, character: 1, base: 2, isReply: 3 } as const;

/** Bytes of one instruction. */
export const INSTRUCTION = 8;

const Op = {
  loadWord: 0x20,
  loadByte: 0x30,
  loadWordAtX: 0x40,
  loadByteAtX: 0x50,
  load: 0x00,
  loadX: 0x01,
  loadSlot: 0x60,
  loadXSlot: 0x61,
  store: 0x02,
  storeX: 0x03,
  addX: 0x0c,
  subtract: 0x14,
  multiply: 0x24,
  or: 0x44,
  shiftRight: 0x74,
  modulo: 0x94,
  xorX: 0xac,
  toX: 0x07,
  jump: 0x05,
  ifEqual: 0x15,
  ifGreater: 0x25,
  ifAtLeast: 0x35,
  answer: 0x16,
} as const;

/** Where a random number can be loaded from. */
const RANDOM = 0xfffff000 + 56;

const SPACE = 32;
const PERCENT = 37;
const COMMA = 44;
const COLON = 58;
const SEMICOLON = 59;
const AT = 64;

/** Puts instructions together; jumps go to names. */
class Assembler {
  readonly #instructions: { code: number; onTrue: number; onFalse: number; k: number }[] = [];
  readonly #places = new Map<string, number>();
  readonly #jumps: { readonly at: number; readonly to: string }[] = [];

  put(code: number, k = 0): this {
    this.#instructions.push({ code, onTrue: 0, onFalse: 0, k });
    return this;
  }

  place(name: string): this {
    this.#places.set(name, this.#instructions.length);
    return this;
  }

  jump(to: string): this {
    this.#jumps.push({ at: this.#instructions.length, to });
    return this.put(Op.jump);
  }

  /** Conditional jumps reach 255 instructions only, so they are made of two. */
  when(condition: number, k: number, to: string): this {
    this.#instructions.push({ code: condition, onTrue: 0, onFalse: 1, k });
    return this.jump(to);
  }

  /** If the value is that, X becomes the place and it goes on there. */
  found(value: number, place: number, to: string): this {
    this.#instructions.push({ code: Op.ifEqual, onTrue: 0, onFalse: 2, k: value });
    return this.put(Op.loadX, place).jump(to);
  }

  /** Jumps unless the value is greater. */
  unlessGreater(k: number, to: string): this {
    this.#instructions.push({ code: Op.ifGreater, onTrue: 1, onFalse: 0, k });
    return this.jump(to);
  }

  finish(): Buffer {
    for (const { at, to } of this.#jumps) {
      const instruction = this.#instructions[at];
      const target = this.#places.get(to);
      if (instruction !== undefined && target !== undefined) instruction.k = target - at - 1;
    }
    const bytes = Buffer.alloc(this.#instructions.length * INSTRUCTION);
    this.#instructions.forEach(({ code, onTrue, onFalse, k }, i) => {
      const at = i * INSTRUCTION;
      bytes.writeUInt16LE(code, at);
      bytes.writeUInt8(onTrue, at + 2);
      bytes.writeUInt8(onFalse, at + 3);
      bytes.writeUInt32LE(k >>> 0, at + 4);
    });
    return bytes;
  }
}

/** Four characters as the filter loads them. */
function word(text: string): number {
  return Buffer.from(text, "latin1").readUInt32BE(0);
}

/** The program, for so many sockets. */
export function steeringProgram(count: number, reach: Reach): Buffer {
  const a = new Assembler();
  a.put(Op.loadWord, 0)
    .when(Op.ifEqual, word("SIP/"), "reply")
    .when(Op.ifEqual, word("REGI"), "register");
  findUri(a);
  if (reach.to > 0) findTo(a, reach.to);
  else a.place("register").jump("anyone");
  hashUser(a, reach.user);
  a.place("reply").put(Op.load, 1).put(Op.store, Slot.isReply);
  findBranch(a, reach.branch);
  readOwner(a, count);
  a.place("hash branch");
  hashBranch(a);
  a.place("done")
    .put(Op.loadXSlot, Slot.hash)
    .put(Op.loadSlot, Slot.hash)
    .put(Op.shiftRight, 16)
    .put(Op.xorX)
    .put(Op.multiply, SPREAD)
    .put(Op.shiftRight, 16)
    .put(Op.modulo, count)
    .put(Op.answer)
    .place("anyone")
    .put(Op.loadWord, RANDOM)
    .put(Op.modulo, count)
    .put(Op.answer);
  return a.finish();
}

/** The Request-URI stands behind the first space. X becomes the offset in front of `sip:`. */
function findUri(a: Assembler): void {
  const [shortest, longest] = [3, 9];
  for (let at = shortest; at <= longest; at++) {
    a.put(Op.loadByte, at).found(SPACE, at, "uri");
  }
  a.jump("anyone");
  a.place("uri").put(Op.loadWordAtX, 1).when(Op.ifEqual, word("sip:"), "user").jump("anyone");
}

/** X becomes the offset in front of `sip:` in the To header. */
function findTo(a: Assembler, places: number): void {
  const furthestUri = 40;
  a.place("register");
  for (let i = 0; i < places; i++) {
    const at = FIRST_PLACE + i;
    a.put(Op.loadWord, at).found(word("\nTo:"), at, "to");
  }
  a.jump("anyone");
  a.place("to");
  for (let i = 4; i < furthestUri; i++) {
    a.put(Op.loadWordAtX, i).when(Op.ifEqual, word("sip:"), `sip ${i}`);
  }
  a.jump("anyone");
  for (let i = 4; i < furthestUri; i++) {
    a.place(`sip ${i}`)
      .put(Op.load, i - 1)
      .put(Op.addX)
      .put(Op.toX)
      .jump("user");
  }
}

/** Works out the hash up to `@`, or up to a colon if an `@` follows. Without one there is no user. */
function hashUser(a: Assembler, longest: number): void {
  const first = 5;
  a.place("user").put(Op.storeX, Slot.base).put(Op.load, 0).put(Op.store, Slot.hash);
  for (let i = 0; i < longest; i++) {
    a.put(Op.loadByteAtX, first + i)
      .when(Op.ifEqual, AT, "done")
      .when(Op.ifEqual, COLON, `password ${i + 1}`)
      .when(Op.ifEqual, SEMICOLON, "no user")
      .when(Op.ifEqual, PERCENT, "anyone")
      .unlessGreater(SPACE, "no user");
    addCharacter(a);
  }
  a.jump("anyone");
  for (let i = 1; i <= longest; i++) {
    a.place(`password ${i}`)
      .put(Op.loadByteAtX, first + i)
      .when(Op.ifEqual, AT, "done")
      .when(Op.ifEqual, SEMICOLON, "no user")
      .unlessGreater(SPACE, "no user");
  }
  a.jump("anyone");
  a.place("no user").put(Op.load, 0).put(Op.store, Slot.isReply).jump("branch");
}

/** hash = 31 * hash + (character | 32). X is the base again afterwards. */
function addCharacter(a: Assembler): void {
  a.put(Op.or, 32)
    .put(Op.store, Slot.character)
    .put(Op.loadSlot, Slot.hash)
    .put(Op.multiply, 31)
    .put(Op.loadXSlot, Slot.character)
    .put(Op.addX)
    .put(Op.store, Slot.hash)
    .put(Op.loadXSlot, Slot.base);
}

/** X becomes the offset of the cookie. */
function findBranch(a: Assembler, places: number): void {
  a.place("branch");
  for (let i = 0; i < places; i++) {
    const at = FIRST_PLACE + i;
    a.put(Op.loadWord, at).found(word("z9hG"), at, "cookie");
  }
  a.jump("anyone");
  a.place("cookie").put(Op.loadSlot, Slot.isReply).when(Op.ifEqual, 0, "hash branch");
}

/** Two digits behind the mark. */
function readOwner(a: Assembler, count: number): void {
  a.put(Op.loadByteAtX, 7).when(Op.ifEqual, BRANCH_MARK.charCodeAt(0), "marked").jump("anyone");
  a.place("marked")
    .put(Op.loadByteAtX, 8)
    .put(Op.subtract, 48)
    .put(Op.multiply, 10)
    .put(Op.store, Slot.hash)
    .put(Op.loadByteAtX, 9)
    .put(Op.subtract, 48)
    .put(Op.loadXSlot, Slot.hash)
    .put(Op.addX)
    .when(Op.ifAtLeast, count, "anyone")
    .put(Op.answer);
}

function hashBranch(a: Assembler): void {
  const first = 7;
  a.put(Op.storeX, Slot.base).put(Op.load, 0).put(Op.store, Slot.hash);
  for (let i = 0; i < BRANCH_CHARACTERS; i++) {
    a.put(Op.loadByteAtX, first + i)
      .when(Op.ifEqual, SEMICOLON, "done")
      .when(Op.ifEqual, COMMA, "done")
      .unlessGreater(SPACE, "done");
    addCharacter(a);
  }
}
