/** Requests at work that have no transaction yet, for t_precheck_trans(). */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { transactionKey } from "../../sip/ids.ts";

export class Precheck {
  readonly #atWork = new Set<string>();
  readonly #slot = new ContextSlot<string>();

  /** Whether another packet with the same request is at work; if not, this one is from now on. */
  isAtWork(context: ScriptContext): boolean {
    const { method } = context.msg;
    if (method === "ACK" || method === "CANCEL") return false;
    if (context.state(this.#slot) !== undefined) return false;
    const key = transactionKey(context.msg);
    if (key === "") return false;
    if (this.#atWork.has(key)) return true;
    this.#atWork.add(key);
    context.setState(this.#slot, key);
    return false;
  }

  /** The script for the message has ended. */
  forget(context: ScriptContext): void {
    const key = context.state(this.#slot);
    if (key !== undefined) this.#atWork.delete(key);
  }
}
