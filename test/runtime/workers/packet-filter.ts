/** Runs a classic packet filter as the system does: what our programs use of it. */

/** The program asked for a random number: the packet may go to any socket. */
export const anywhere = -1;

/** Where random numbers are loaded from. */
const randomWord = 0xfffff000 + 56;

interface State {
  a: number;
  x: number;
  at: number;
  isRandom: boolean;
  readonly memory: Uint32Array;
  readonly packet: Buffer;
}

type Step = (state: State, k: number) => void;

function load(state: State, at: number, length: number): void {
  // The system ends a program that reads behind the packet, with 0.
  if (at + length > state.packet.length) throw new BehindPacket();
  state.a = length === 4 ? state.packet.readUInt32BE(at) : state.packet.readUInt8(at);
}

class BehindPacket extends Error {}

const steps: Readonly<Record<number, Step>> = {
  0x20: (s, k) => {
    if (k === randomWord) s.isRandom = true;
    else load(s, k, 4);
  },
  0x30: (s, k) => load(s, k, 1),
  0x40: (s, k) => load(s, s.x + k, 4),
  0x50: (s, k) => load(s, s.x + k, 1),
  0x00: (s, k) => (s.a = k),
  0x01: (s, k) => (s.x = k),
  0x60: (s, k) => (s.a = s.memory[k] as number),
  0x61: (s, k) => (s.x = s.memory[k] as number),
  0x02: (s, k) => (s.memory[k] = s.a),
  0x03: (s, k) => (s.memory[k] = s.x),
  0x0c: (s) => (s.a = (s.a + s.x) >>> 0),
  0x14: (s, k) => (s.a = (s.a - k) >>> 0),
  0x24: (s, k) => (s.a = Math.imul(s.a, k) >>> 0),
  0x44: (s, k) => (s.a = (s.a | k) >>> 0),
  0x74: (s, k) => (s.a >>>= k),
  0x94: (s, k) => (s.a %= k),
  0xac: (s) => (s.a = (s.a ^ s.x) >>> 0),
  0x07: (s) => (s.x = s.a),
  0x05: (s, k) => (s.at += k),
};

const conditions: Readonly<Record<number, (a: number, k: number) => boolean>> = {
  0x15: (a, k) => a === k,
  0x25: (a, k) => a > k,
  0x35: (a, k) => a >= k,
};

/** The number of the socket that a program chooses for a packet, or `anywhere`. */
export function runFilter(program: Buffer, text: string): number {
  const state: State = {
    a: 0,
    x: 0,
    at: 0,
    isRandom: false,
    memory: new Uint32Array(16),
    packet: Buffer.from(text, "latin1"),
  };
  try {
    for (;;) {
      const from = state.at++ * 8;
      const code = program.readUInt16LE(from);
      const k = program.readUInt32LE(from + 4);
      if (code === 0x16) return state.isRandom ? anywhere : state.a;
      const condition = conditions[code];
      if (condition !== undefined) {
        state.at += program.readUInt8(from + (condition(state.a, k) ? 2 : 3));
        continue;
      }
      const step = steps[code];
      if (step === undefined) throw new Error(`instruction ${code.toString(16)} is not known`);
      step(state, k);
    }
  } catch (error) {
    if (error instanceof BehindPacket) return 0;
    throw error;
  }
}
