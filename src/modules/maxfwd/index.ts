/** The module maxfwd: the limit on hops. */
import { Header } from "../../sip/headers.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { implementModule } from "../../runtime/module.ts";
import { maxfwd } from "./spec.ts";

const Counted = { down: 1, added: 2, exhausted: -1, malformed: -2 } as const;

export default implementModule(maxfwd, ({ params }) => {
  /** Value that will be sent, kept once it can no longer be told from the message: added, or counted down twice. */
  const slot = new ContextSlot<number>();

  const lowered = (value: number): number => Math.min(value - 1, params.max_limit);

  /** Value as it will be sent; -1: there is none, -2: it cannot be read. */
  const outgoing = (context: ScriptContext): number => {
    const kept = context.state(slot);
    if (kept !== undefined) return kept;
    const { msg } = context;
    const header = msg.find(Header.MaxForwards);
    const received = msg.maxForwards;
    if (header < 0 || received < 0) return received;
    const isChanged = context.editsIfAny?.isRemoved(msg.valueStart(header)) === true;
    return isChanged ? lowered(received) : received;
  };

  const process = (context: ScriptContext, maxValue: number): number => {
    const { msg } = context;
    const value = outgoing(context);
    if (value === -2) return Counted.malformed;
    if (value === 0) return Counted.exhausted;
    if (value < 0) {
      context.edits.insertHeader(msg, `Max-Forwards: ${maxValue}\r\n`);
      context.setState(slot, maxValue);
      return Counted.added;
    }
    const next = lowered(value);
    const header = msg.find(Header.MaxForwards);
    if (header < 0) {
      // Added by an earlier call, which put it on the wire already: what was added stays.
      context.setState(slot, next);
      return Counted.down;
    }
    const start = msg.valueStart(header);
    const end = msg.valueEnd(header);
    const { edits } = context;
    if (edits.isRemoved(start)) {
      edits.dropRange(start, end);
      context.setState(slot, next);
    }
    edits.replace(start, end, String(next));
    return Counted.down;
  };

  const isLower = (context: ScriptContext, limit: number): number => {
    const value = outgoing(context);
    if (value === -1) return -2;
    if (value === -2) return -3;
    return value < limit ? 1 : -1;
  };

  return {
    functions: {
      maxfwd_process: process,
      mf_process_maxfwd_header: process,
      process_maxfwd: process,
      is_maxfwd_lt: isLower,
      maxfwd_at_least: isLower,
      mf_lowlimit: isLower,
    },
  };
});
