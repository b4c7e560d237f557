/** The dialog of a subscription as its client sees it (RFC 3261, 12). */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { splitList } from "../../sip/params.ts";

/** Identity and route of one dialog. */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** "" as long as nobody has answered. */
  remoteTag = "";
  /** A NOTIFY has made the dialog; answers of other branches are not listened to any more (RFC 6665, 4.4.1). */
  isConfirmed = false;
  localCseq = 0;
  /** CSeq of the last NOTIFY; -1 before the first. */
  remoteCseq = -1;
  remoteTarget: string;
  /** Route header line with its line end, "" without a route set. */
  route = "";

  constructor(callId: string, localTag: string, resource: string) {
    this.callId = callId;
    this.localTag = localTag;
    this.remoteTarget = resource;
  }

  /** Takes over what a 2xx says (RFC 3261, 12.1.2). */
  answered(reply: SipMessage): void {
    const isTarget = !this.isConfirmed || reply.toTag === this.remoteTag;
    if (!isTarget) return;
    if (this.remoteTag === "") {
      this.remoteTag = ownText(reply.toTag);
      this.#setRoute(splitAll(reply).toReversed());
    }
    this.retarget(reply);
  }

  /** Takes over what a NOTIFY says: it makes the dialog (RFC 6665, 4.4.1), and refreshes the target later on. */
  notified(request: SipMessage): void {
    if (!this.isConfirmed) {
      this.isConfirmed = true;
      if (this.remoteTag !== request.fromTag) {
        this.remoteTag = ownText(request.fromTag);
        this.#setRoute(splitAll(request));
      }
    }
    this.remoteCseq = request.cseqNumber;
    this.retarget(request);
  }

  /** Remote target from Contact (RFC 3261, 12.2). */
  retarget(message: SipMessage): void {
    const contact = message.contacts?.list[0];
    if (contact !== undefined && contact.uri !== null) {
      this.remoteTarget = ownText(contact.uriText);
    }
  }

  #setRoute(values: readonly string[]): void {
    this.route = values.length === 0 ? "" : `Route: ${ownText(values.join(", "))}\r\n`;
  }
}

function splitAll(message: SipMessage): string[] {
  return message.values(Header.RecordRoute).flatMap((value) => splitList(value));
}
