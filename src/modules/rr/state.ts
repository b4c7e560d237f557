/** What rr knows about one message: the Record-Route it adds, and the local Route that it came by. */
import { paramValue } from "../../sip/params.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { Direction } from "./api.ts";

export class RouteState {
  /** A Record-Route header has been added. */
  isRecorded = false;
  /** How often one was taken back: only the header of the present generation is written. */
  generation = 0;
  /** Parameters for its URI from add_rr_param(). */
  extraParams = "";
  /** Parameters of our own Route, or of the Request-URI behind a strict router. */
  routeParams = "";
  /** A Route followed our own. */
  hasNextRoute = false;
}

/** Finds the state of a message. */
export class RouteStates {
  readonly #slot = new ContextSlot<RouteState>();

  /** The state, undefined while nothing is known. */
  peek(context: ScriptContext): RouteState | undefined {
    return context.state(this.#slot);
  }

  of(context: ScriptContext): RouteState {
    let state = context.state(this.#slot);
    if (state === undefined) {
      state = new RouteState();
      context.setState(this.#slot, state);
    }
    return state;
  }

  routeParam(context: ScriptContext, name: string): string | undefined {
    const params = this.peek(context)?.routeParams ?? "";
    return params === "" ? undefined : paramValue(params, 0, params.length, name);
  }

  /** By the tag that record_route() left in the route set; without one the request counts as downstream. */
  direction(context: ScriptContext): Direction {
    const tag = this.routeParam(context, "ftag");
    return tag === undefined || tag === context.msg.fromTag ? "downstream" : "upstream";
  }
}
