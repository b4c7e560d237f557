/** Tells senders that their message has been stored. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { IncomingMessage } from "./incoming.ts";
import type { Environment } from "./index.ts";
import { lines, type Outgoing } from "./outgoing.ts";

/** Tells the sender of the message at hand; undefined when the configuration does not want that. */
export function noticeSender(
  env: Environment,
  outgoing: Outgoing,
): ((context: ScriptContext, message: IncomingMessage) => void) | undefined {
  const { params, use } = env;
  const { from_address: from, offline_message: body, content_type_hdr: contentType } = params;
  if (from === undefined && body === undefined) return undefined;
  if (from === undefined || body === undefined) {
    env.warn(
      from === undefined ? "offline_message" : "from_address",
      "senders are told nothing: from_address and offline_message are both needed",
    );
    return undefined;
  }
  if (contentType === undefined) {
    env.fail("offline_message", "content_type_hdr must be set with offline_message");
  }
  const texts = {
    from: env.format(from),
    body: env.format(body),
    contentType: env.format(contentType),
    contact: env.format(params.contact_hdr ?? ""),
  };
  const flag = params.skip_notification_flag;
  return (context, message) => {
    if (flag >= 0 && ((context.flags >>> flag) & 1) === 1) return;
    const contact = params.use_contact ? context.msg.contacts?.list[0]?.uriText : undefined;
    const request = outgoing.notice(texts.from(context), message.from, contact ?? message.from, {
      headers: lines(texts.contact(context)) + lines(texts.contentType(context)),
      body: texts.body(context),
    });
    if (request !== undefined) use.tm.request(request);
  };
}
