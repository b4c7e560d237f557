/** The module sanity: checks of requests. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { bound, implementModule } from "../../runtime/module.ts";
import {
  checksOf,
  findFault,
  type CheckFunction,
  type CheckSettings,
  type Finding,
} from "./checks.ts";
import { sanity } from "./spec.ts";

export default implementModule(sanity, ({ params, use }) => {
  const supported = params.proxy_require
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  const usual: CheckSettings = { uris: params.uri_checks, supported };
  /** What the last failed check called for, kept for sanity_reply(). */
  const slot = new ContextSlot<Finding>();

  const answer = (context: ScriptContext, finding: Finding): void => {
    if (finding.unsupported !== undefined) {
      context.replyHeaders.push(`Unsupported: ${finding.unsupported}\r\n`);
    }
    // RFC 3261, 17.1.1.3: an ACK is never answered.
    if (context.msg.method !== "ACK") use.sl.reply(context, finding.status, finding.reason);
  };

  const check = (
    context: ScriptContext,
    checks: readonly CheckFunction[],
    settings: CheckSettings,
  ): number => {
    if (!context.msg.isRequest) return 1;
    const finding = findFault(context.msg, checks, settings);
    if (finding === undefined) return 1;
    if (params.noreply) context.setState(slot, finding);
    else answer(context, finding);
    return params.autodrop ? 0 : -1;
  };

  return {
    functions: {
      sanity_check: bound((sum, uris) => {
        // Sums are constants as a rule: what they mean is worked out once.
        const fixed = sum === undefined ? params.default_checks : sum.constant;
        const settings = (c: ScriptContext): CheckSettings =>
          uris === undefined ? usual : { uris: uris.get(c), supported };
        if (fixed === undefined) return (c) => check(c, checksOf(sum?.get(c) ?? 0), settings(c));
        const checks = checksOf(fixed);
        if (uris !== undefined && uris.constant === undefined) {
          return (c) => check(c, checks, settings(c));
        }
        const constant = uris === undefined ? usual : { uris: uris.constant as number, supported };
        return (c) => check(c, checks, constant);
      }),
      sanity_reply: (context) => {
        const finding = context.state(slot);
        if (!params.noreply || finding === undefined) return -1;
        answer(context, finding);
        return 1;
      },
    },
  };
});
