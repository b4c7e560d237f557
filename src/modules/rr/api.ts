/** What rr offers to other modules. */
import type { ScriptContext } from "../../runtime/context.ts";

/** Which way a request goes within its dialog: downstream is that of the request that began it. */
export type Direction = "downstream" | "upstream";

export interface RrApi {
  /** Adds `;name=value` to the Record-Route that is or will be added. */
  addParam(context: ScriptContext, param: string): void;
  /** Adds a Record-Route header, with further parameters of its URI. False when it has one already, or in replies. */
  recordRoute(context: ScriptContext, params: string): boolean;
  /** Parameters of the local Route that loose_route() took off; `""` when there was none. */
  routeParams(context: ScriptContext): string;
  /** Value of one of them, `""` without value, undefined when it is not there. */
  routeParam(context: ScriptContext, name: string): string | undefined;
  direction(context: ScriptContext): Direction;
  /** Calls back whenever loose_route() has taken a local Route off. */
  onLocalRoute(callback: (context: ScriptContext, params: string) => void): void;
}
