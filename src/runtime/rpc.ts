/** The registry of remote commands. */
import { RpcError, type RpcImplementation, type RpcReply, type RpcValue } from "./module.ts";
import type { Rpc } from "./services.ts";

interface Command {
  readonly name: string;
  readonly doc: string;
  readonly run: RpcImplementation;
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

  add(name: string, doc: string, run: RpcImplementation): void {
    this.#commands.set(name, { name, doc, run });
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
    const known = this.#commands.get(command);
    if (known === undefined) {
      throw new RpcError(RpcCode.internal, `command ${command} not found`);
    }
    try {
      return await known.run(params);
    } catch (error) {
      if (error instanceof RpcError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new RpcError(RpcCode.internal, `internal error: ${reason}`);
    }
  }

  /** In alphabetical order. */
  commands(): readonly { readonly name: string; readonly doc: string }[] {
    return [...this.#commands.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
