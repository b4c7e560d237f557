/** The dialog of a subscription as its client sees it (RFC 3261, 12). */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { parseNameAddr } from "../../sip/name-addr.ts";
import { listItemEnd, splitList } from "../../sip/params.ts";
import { parseUri } from "../../sip/uri.ts";
import type { NotifyMatch } from "./api.ts";
import type { StoredDialog } from "./store.ts";

const ROUTE = "Route: ";

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
  /** Address that the last 2xx came from; "" when none has come since the start. */
  answeredBy = "";
  /** Address that the NOTIFY that made the dialog came from. */
  #madeBy = "";

  constructor(callId: string, localTag: string, resource: string) {
    this.callId = callId;
    this.localTag = localTag;
    this.remoteTarget = resource;
  }

  /** A dialog of before a restart. CSeqs of its NOTIFYs are not stored: the next one, whichever it is, counts. */
  static resumed(stored: StoredDialog): Dialog {
    const dialog = new Dialog(stored.callId, stored.localTag, stored.remoteTarget);
    dialog.remoteTag = stored.remoteTag;
    dialog.isConfirmed = true;
    dialog.localCseq = stored.localCseq;
    dialog.#setRoutes(stored.routes);
    return dialog;
  }

  /** As it is written down; null as long as nobody has answered. */
  stored(): StoredDialog | null {
    if (this.remoteTag === "") return null;
    const { callId, localTag, remoteTag, localCseq, remoteTarget } = this;
    const routes = this.route.slice(ROUTE.length, -2);
    return { callId, localTag, remoteTag, localCseq, remoteTarget, routes };
  }

  /** Takes over what a 2xx says (RFC 3261, 12.1.2). */
  answered(reply: SipMessage): void {
    const isTarget = !this.isConfirmed || reply.toTag === this.remoteTag;
    if (!isTarget) return;
    if (this.remoteTag === "") {
      this.remoteTag = ownText(reply.toTag);
      this.#setRoutes(splitAll(reply).toReversed().join(", "));
    }
    this.retarget(reply);
  }

  /** Why a NOTIFY is none of this dialog's, or comes too late; undefined when it is to be taken. */
  refusal(request: SipMessage): NotifyMatch | undefined {
    if (this.isConfirmed && request.fromTag !== this.remoteTag) {
      return { ok: false, problem: "no-subscription", status: 481 };
    }
    if (request.cseqNumber < 0 || request.fromTag === "") {
      return { ok: false, problem: "malformed", status: 400 };
    }
    // RFC 3261, 12.2.2; the order of documents is that of the requests.
    if (request.cseqNumber < this.remoteCseq) {
      return { ok: false, problem: "old-cseq", status: 500 };
    }
    return undefined;
  }

  /**
   * Whether requests of this dialog may come from an address: the notifier's, as far as it is known. `isAddressOf` tells whether a
   * host has this address.
   */
  hears(address: string, isAddressOf: (host: string, address: string) => boolean): boolean {
    if (this.answeredBy === "" || address === this.answeredBy || address === this.#madeBy) {
      return true;
    }
    return [this.#firstHop(), this.remoteTarget].some((text) => {
      const host = text === undefined ? undefined : parseUri(text)?.host;
      return host !== undefined && isAddressOf(host, address);
    });
  }

  /**
   * Takes over what a NOTIFY says: it makes the dialog (RFC 6665, 4.4.1), and refreshes the target later on. Whether the peer's tag
   * or target has changed.
   */
  notified(request: SipMessage, source: string): boolean {
    const { remoteTag, remoteTarget } = this;
    if (!this.isConfirmed) {
      this.isConfirmed = true;
      this.#madeBy = source;
      if (this.remoteTag !== request.fromTag) {
        this.remoteTag = ownText(request.fromTag);
        this.#setRoutes(splitAll(request).join(", "));
      }
    }
    this.remoteCseq = request.cseqNumber;
    this.retarget(request);
    return remoteTag !== this.remoteTag || remoteTarget !== this.remoteTarget;
  }

  /** Remote target from Contact (RFC 3261, 12.2). */
  retarget(message: SipMessage): void {
    const contact = message.contacts?.list[0];
    if (contact === undefined || contact.uriText === this.remoteTarget) return;
    if (contact.uri !== null) this.remoteTarget = ownText(contact.uriText);
  }

  #firstHop(): string | undefined {
    if (this.route === "") return undefined;
    const end = listItemEnd(this.route, ROUTE.length, this.route.length - 2);
    return parseNameAddr(this.route, ROUTE.length, end)?.uriText;
  }

  #setRoutes(values: string): void {
    this.route = values === "" ? "" : `${ROUTE}${ownText(values)}\r\n`;
  }
}

function splitAll(message: SipMessage): string[] {
  return message.values(Header.RecordRoute).flatMap((value) => splitList(value));
}
