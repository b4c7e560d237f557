/** One address, a socket for each worker: the system hands a packet to the worker that it belongs to. */
import type { SocketOptions } from "../transport.ts";
import { Linux, type SystemCalls } from "../udp-calls.ts";
import type { NameCodec } from "../udp-names.ts";
import { bindWithCalls } from "../udp-open.ts";
import { INSTRUCTION, reaches, steeringProgram } from "./steering.ts";

/** A socket that is bound, alone on its address. */
export interface FirstSocket {
  readonly calls: SystemCalls;
  readonly codec: NameCodec;
  readonly fd: number;
  readonly options: SocketOptions & { readonly ipv6Only: boolean };
}

/**
 * Opens the others; the descriptors of all, in the order of the workers. That the first one was bound alone makes sure that no other
 * server has the address. All stay open here: a worker that ends leaves its socket, and what comes in meanwhile, to its successor.
 */
export function openForOthers(first: FirstSocket, count: number): number[] {
  const { calls, codec, fd, options } = first;
  const on = Int32Array.of(1);
  const share = (one: number): void => {
    calls.setsockopt(one, Linux.SOL_SOCKET, Linux.SO_REUSEPORT, on, 4);
  };
  share(fd);
  const fds = [fd];
  try {
    while (fds.length < count) fds.push(bindWithCalls(calls, codec, options, share));
  } catch (error) {
    for (const other of fds.slice(1)) calls.close(other);
    throw error;
  }
  attachProgram(calls, fd, count);
  return fds;
}

/**
 * Gives the system the longest program that it takes. None at all does no harm: packets are shared out by their source then, and
 * workers hand over what is not theirs.
 */
function attachProgram(calls: SystemCalls, fd: number, count: number): void {
  for (const reach of reaches) {
    const program = steeringProgram(count, reach);
    const structure = new Int32Array(4);
    const address = BigInt(calls.addressOf(program));
    // As `struct sock_fprog` has it: the number of instructions, and where they are.
    structure[0] = program.length / INSTRUCTION;
    structure[2] = Number(BigInt.asIntN(32, address));
    structure[3] = Number(address >> 32n);
    const option = Linux.SO_ATTACH_REUSEPORT_CBPF;
    if (calls.setsockopt(fd, Linux.SOL_SOCKET, option, structure, 16) === 0) return;
  }
}
