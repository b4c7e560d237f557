/** The registry of remote commands. */
import type { RpcSpread } from "../dsl/catalog/spec.ts";
import { messageOf } from "./errors.ts";
import { RpcError, type RpcImplementation, type RpcReply, type RpcValue } from "./module.ts";
import { collected } from "./rpc-stream.ts";
import type { Rpc } from "./services.ts";
import type { RpcSpreader } from "./workers/rpc-spread.ts";

interface Command {
  readonly name: string;
  readonly doc: string;
  readonly run: RpcImplementation;
  readonly spread: RpcSpread | undefined;
}

/** Error codes as Kamailio's modules use them. */
export const RpcCode = {
  badRequest: 400,
  notFound: 404,
  internal: 500,
  notImplemented: 501,
} as const;

/** Commands of the core and of all loaded modules. */
export class RpcRegistry implements Rpc {
  readonly #commands = new Map<string, Command>();

  /** Runs commands in several workers; null: there is one. */
  spreader: RpcSpreader | null = null;

  /** `spread` is what the command does where there are several workers. */
  add(name: string, doc: string, run: RpcImplementation, spread?: RpcSpread): void {
    this.#commands.set(name, { name, doc, run, spread });
  }

  has(name: string): boolean {
    return this.#commands.has(name);
  }

  doc(name: string): string | undefined {
    return this.#commands.get(name)?.doc;
  }

  async call(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>> {
    return collected(await this.open(command, params));
  }

  open(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>> {
    const spread = this.#commands.get(command)?.spread;
    if (this.spreader === null || spread === undefined) return this.#run(command, params);
    return this.spreader.run(command, params, spread);
  }

  /** Runs a command in this worker alone. */
  async callHere(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>> {
    return collected(await this.#run(command, params));
  }

  async #run(
    command: string,
    params: readonly (string | number)[],
  ): Promise<RpcReply | Iterable<RpcValue>> {
    const known = this.#commands.get(command);
    if (known === undefined) {
      throw new RpcError(RpcCode.internal, `command ${command} not found`);
    }
    try {
      return await known.run(params);
    } catch (error) {
      if (error instanceof RpcError) throw error;
      const reason = messageOf(error);
      throw new RpcError(RpcCode.internal, `internal error: ${reason}`);
    }
  }

  /** In alphabetical order. */
  commands(): readonly { readonly name: string; readonly doc: string }[] {
    return [...this.#commands.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
