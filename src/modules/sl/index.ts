/** The sl module: replies without a transaction. */
import type { ScriptContext } from "../../runtime/context.ts";
import { type ModuleEnvironment, implementModule } from "../../runtime/module.ts";
import { redirectContacts } from "../../runtime/redirect-contacts.ts";
import { sendErrorReply } from "../../runtime/send-errors.ts";
import { sl } from "./spec.ts";
import { SlStatistics } from "./statistics.ts";
import { type TagSeeds, isOwnAck, replyTag } from "./tags.ts";

type Environment = ModuleEnvironment<typeof sl>;

/** What the functions share. */
interface Parts {
  readonly environment: Environment;
  readonly seeds: TagSeeds;
  readonly statistics: SlStatistics;
}

/** sl_send_reply(). */
function replyStateless(
  parts: Parts,
  context: ScriptContext,
  status: number,
  reason: string,
): number {
  const { params, services } = parts.environment;
  const message = context.msg;
  if (!message.isRequest || message.method === "ACK") {
    parts.statistics.failures.value++;
    return -1;
  }
  const code = status >= 100 && status <= 699 ? status : params.default_code;
  const phrase = reason === "" ? params.default_reason : reason;
  const lines = context.replyHeaders;
  if (code >= 300 && code < 400) {
    const contacts = redirectContacts(context, params.rich_redirect);
    if (contacts !== "") context.replyHeaders = [...lines, contacts];
  }
  services.sender.replyStateless(context, code, phrase, replyTag(parts.seeds, message));
  context.replyHeaders = lines;
  return 1;
}

/** send_reply(). */
function reply(parts: Parts, context: ScriptContext, status: number, reason: string): number {
  const { params, use } = parts.environment;
  if (params.bind_tm && use.tm !== undefined && use.tm.current(context) !== null) {
    const code = status >= 100 && status <= 699 ? status : params.default_code;
    return use.tm.reply(context, code, reason === "" ? params.default_reason : reason);
  }
  return replyStateless(parts, context, status, reason);
}

/** The tag of a dialog that a reply is about to make. */
function tagOfReply(parts: Parts, context: ScriptContext): string {
  const { params, use } = parts.environment;
  const transaction = params.bind_tm ? use.tm?.current(context) : undefined;
  if (use.tm === undefined || transaction === undefined || transaction === null) {
    return replyTag(parts.seeds, context.msg);
  }
  if (transaction.localTag === "") transaction.localTag = use.tm.newTag();
  return transaction.localTag;
}

function replyError(parts: Parts, context: ScriptContext): number {
  // tm replies by itself when the script has ended: one reply is enough.
  if (parts.environment.use.tm?.replyError(context) === true) return 1;
  const { status, reason } = sendErrorReply(context.sendError);
  const code = replyStateless(parts, context, status, reason);
  if (code > 0) parts.statistics.countError();
  return code;
}

/** sl_forward_reply(). -1 when the code is of another class. */
function forwardReply(
  parts: Parts,
  context: ScriptContext,
  status: number,
  reason: string,
): number {
  const message = context.msg;
  if (message.isRequest) return -1;
  const isSameClass = Math.floor(status / 100) === Math.floor(message.statusCode / 100);
  if (status !== 0 && !isSameClass) return -1;
  const before = context.shareEdits();
  const codeStart = message.firstLineStart + message.version.length + 1;
  if (status !== 0) context.edits.replace(codeStart, codeStart + 3, String(status));
  if (reason !== "") {
    const end = codeStart + 4 + message.reason.length;
    context.edits.replace(codeStart + 4, end, reason);
  }
  parts.environment.services.sender.forwardReply(context);
  context.borrowEdits(before);
  return 1;
}

/** The ACK of a reply of ours goes no further. */
function passesAck(parts: Parts, context: ScriptContext): boolean {
  const message = context.msg;
  if (message.method !== "ACK" || !isOwnAck(parts.seeds, message)) return true;
  parts.statistics.acks.value++;
  const { routes } = parts.environment.services;
  if (routes.has("event", "sl:filtered-ack")) {
    context.scope = "event";
    void routes.run("event", "sl:filtered-ack", context);
  }
  return false;
}

/** event_route[sl:local-response], on the message's own context. */
function afterReply(parts: Parts, context: ScriptContext, status: number): void {
  parts.statistics.count(status);
  const { routes } = parts.environment.services;
  if (!routes.has("event", "sl:local-response")) return;
  const { scope, rc, stop, dropped } = context;
  context.scope = "event";
  void routes.run("event", "sl:local-response", context);
  context.scope = scope;
  context.rc = rc;
  context.stop = stop;
  context.dropped = dropped;
}

export default implementModule(sl, (environment) => {
  const { services } = environment;
  const random = services.random(16);
  const signature = (environment.services.workers?.tagMark ?? "") + random.toString("hex", 0, 12);
  const parts: Parts = {
    environment,
    seeds: { signature, seed: random.readUInt32LE(12) },
    statistics: new SlStatistics(services.statistics),
  };
  services.hooks.beforeRequest((context) => passesAck(parts, context));
  services.hooks.onLocalReply((context, status) => afterReply(parts, context, status));
  return {
    functions: {
      sl_send_reply: (context, status, reason) => replyStateless(parts, context, status, reason),
      send_reply: (context, status, reason) => reply(parts, context, status, reason),
      send_reply_mode: (context, status, reason) => reply(parts, context, status, reason),
      sl_reply_error: (context) => replyError(parts, context),
      sl_forward_reply: {
        plain: (context) => forwardReply(parts, context, 0, ""),
        code: (context, status) => forwardReply(parts, context, status, ""),
        full: (context, status, reason) => forwardReply(parts, context, status, reason),
      },
    },
    api: {
      reply: (context, status, reason) => reply(parts, context, status, reason),
      replyStateless: (context, status, reason) => replyStateless(parts, context, status, reason),
      replyTag: (context) => tagOfReply(parts, context),
    },
  };
});
