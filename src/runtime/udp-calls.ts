/** The few system calls on UDP sockets that Node.js does not offer, where the machine lets us make them. */
import { endianness } from "node:os";

/**
 * Calls of the C library. Structures are in memory that the caller laid out; they are given by their addresses, as numbers. What
 * failed is below zero, and `errno` says why.
 */
export interface SystemCalls {
  recvmmsg(fd: number, headers: number, count: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, headers: number, count: number, flags: number): number;
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Int32Array, length: number): number;
  bind(fd: number, name: Uint8Array, length: number): number;
  close(fd: number): number;
  /** Text of an IPv6 address (16 bytes) into `text`; zero-terminated. */
  inet_ntop(family: number, from: Uint8Array, text: Uint8Array, length: number): unknown;
  /** 1 when `text` is an address. */
  inet_pton(family: number, text: string, to: Uint8Array): number;
  errno(): number;
  /** Where the bytes of a buffer are; they stay there. */
  addressOf(bytes: Uint8Array): number;
}

/** Numbers of Linux on the machines below. */
export const Linux = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_DGRAM: 2,
  SOCK_CLOEXEC: 0x80000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_REUSEPORT: 15,
  SO_ATTACH_REUSEPORT_CBPF: 51,
  IPPROTO_IPV6: 41,
  IPV6_V6ONLY: 26,
  MSG_DONTWAIT: 0x40,
  EINTR: 4,
  EAGAIN: 11,
  ENOBUFS: 105,
} as const;

/** Where addresses have 64 bits, numbers their low byte first, and Linux the numbers above. */
const machines: readonly string[] = ["x64", "arm64", "riscv64"];

/** The calls, or null where they cannot be made: another system, or the optional library koffi is not there. */
export async function loadSystemCalls(): Promise<SystemCalls | null> {
  if (process.platform !== "linux" || !machines.includes(process.arch) || endianness() !== "LE") {
    return null;
  }
  try {
    const { default: koffi } = await import("koffi");
    const libc = koffi.load(null);
    const call = (definition: string): unknown => libc.func(definition);
    return {
      recvmmsg: call("int recvmmsg(int, uintptr_t, uint32_t, int, uintptr_t)"),
      sendmmsg: call("int sendmmsg(int, uintptr_t, uint32_t, int)"),
      socket: call("int socket(int, int, int)"),
      setsockopt: call("int setsockopt(int, int, int, void *, uint32_t)"),
      bind: call("int bind(int, void *, uint32_t)"),
      close: call("int close(int)"),
      inet_ntop: call("void *inet_ntop(int, void *, void *, uint32_t)"),
      inet_pton: call("int inet_pton(int, const char *, void *)"),
      errno: () => koffi.errno(),
      addressOf: (bytes: Uint8Array) => Number(koffi.address(bytes)),
    } as SystemCalls;
  } catch {
    // Not installed, or not for this machine or its C library: all works without.
    return null;
  }
}
