/** Requests at work that have no transaction yet, for t_precheck_trans(). */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { transactionKey } from "../../sip/ids.ts";

export class Precheck {
  /** The message whose script runs now, and its key: noted in the set only when that script waits while another one starts. */
  #running: ScriptContext | null = null;
  #key = "";
  readonly #waiting = new Set<string>();
  readonly #slot = new ContextSlot<string>();

  /** Whether another packet with the same request is at work; if not, this one is from now on. */
  isAtWork(context: ScriptContext): boolean {
    const { method } = context.msg;
    if (method === "ACK" || method === "CANCEL" || this.#isKnown(context)) return false;
    const key = transactionKey(context.msg);
    if (key === "") return false;
    this.#park();
    if (this.#waiting.has(key)) return true;
    this.#running = context;
    this.#key = key;
    return false;
  }

  /** The script for the message has ended. */
  forget(context: ScriptContext): void {
    if (context === this.#running) {
      this.#running = null;
      return;
    }
    if (this.#waiting.size === 0) return;
    const key = context.state(this.#slot);
    if (key !== undefined) this.#waiting.delete(key);
  }

  #isKnown(context: ScriptContext): boolean {
    if (context === this.#running) return true;
    return this.#waiting.size > 0 && context.state(this.#slot) !== undefined;
  }

  #park(): void {
    if (this.#running === null) return;
    this.#waiting.add(this.#key);
    this.#running.setState(this.#slot, this.#key);
    this.#running = null;
  }
}
