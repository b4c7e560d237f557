/** P-Charging-Vector (RFC 7315, 5.6). */
import { paramValue } from "../../sip/params.ts";
import { unquote } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { bracketed } from "./hosts.ts";

/** Names of the parts as `$pcv(...)` has them. */
const PARAMS: Readonly<Record<string, string>> = {
  value: "icid-value",
  genaddr: "icid-generated-at",
  orig: "orig-ioi",
  term: "term-ioi",
};

/** Adds, removes and reads the header; what was added shows in the variable at once. */
export class ChargingVector {
  readonly #slot = new ContextSlot<string>();

  read(context: ScriptContext, part: string): string | null {
    const text = context.state(this.#slot) ?? context.msg.value(Header.PChargingVector);
    if (text === undefined || text === "") return null;
    if (part === "all") return text;
    const value = paramValue(text, 0, text.length, PARAMS[part] ?? "");
    return value === undefined ? null : unquote(value);
  }

  /** `r` removes, `g` adds where there is none, `f` does both. */
  change(context: ScriptContext, flags: string): number {
    if (flags === "g" && this.read(context, "all") !== null) return 1;
    if (flags !== "g") this.#remove(context);
    return flags === "r" ? 1 : this.#add(context);
  }

  #remove(context: ScriptContext): void {
    const { msg } = context;
    for (let i = msg.find(Header.PChargingVector); i >= 0;) {
      context.edits.removeHeader(msg, i);
      i = msg.findNext(Header.PChargingVector, i);
    }
    context.setState(this.#slot, "");
  }

  #add(context: ScriptContext): number {
    const { services, socket } = context;
    const id = services.random(16).toString("hex").toUpperCase();
    const text = `icid-value=${id}; icid-generated-at=${bracketed(socket.address)}`;
    context.edits.appendHeader(context.msg, `P-Charging-Vector: ${text}\r\n`);
    context.setState(this.#slot, text);
    return 1;
  }
}
