/** The SUBSCRIBE of a dialog (RFC 6665, 4.1.2). */
import type { LocalRequest } from "../tm/spec.ts";
import type { SubscribeRequest } from "./api.ts";
import type { Dialog } from "./dialog.ts";

/** What differs from request to request. */
export interface SubscribeFields {
  readonly expires: number;
  /** Entity tag of the state that is known; "" for none (RFC 5839). */
  readonly knownState: string;
  /** Header line with credentials, "" for none. */
  readonly credentials: string;
  /** Where a request that opens a dialog is sent instead of to its URI. */
  readonly firstHop: string | undefined;
}

/** The next request of the dialog; its number is used up. */
export function subscribeRequest(
  dialog: Dialog,
  wish: SubscribeRequest,
  fields: SubscribeFields,
): LocalRequest {
  const { watcher, resource } = wish;
  const isInitial = dialog.remoteTag === "";
  const { expires, knownState } = fields;
  const isConditional = knownState !== "" && !isInitial && expires > 0;
  return {
    method: "SUBSCRIBE",
    uri: dialog.remoteTarget,
    from: `<${watcher}>;tag=${dialog.localTag}`,
    to: isInitial ? `<${resource}>` : `<${resource}>;tag=${dialog.remoteTag}`,
    callId: dialog.callId,
    cseq: ++dialog.localCseq,
    headers:
      `${dialog.route}Event: ${wish.event}\r\nAccept: ${wish.accept}\r\nContact: <${watcher}>\r\n` +
      (wish.acceptEncoding === undefined ? "" : `Accept-Encoding: ${wish.acceptEncoding}\r\n`) +
      `Expires: ${expires}\r\n${isConditional ? `Suppress-If-Match: ${knownState}\r\n` : ""}` +
      fields.credentials,
    nextHop: isInitial ? fields.firstHop : undefined,
  };
}
