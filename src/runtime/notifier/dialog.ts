/** The dialog of a subscription as its notifier sees it (RFC 3261, 12.1.1). */
import { ownText } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";

/** What a dialog consists of. */
export interface DialogParts {
  readonly callId: string;
  readonly localTag: string;
  readonly localUri: string;
  readonly remoteTag: string;
  readonly remoteUri: string;
  readonly routeSet: string;
  readonly remoteTarget: string;
  readonly localCseq: number;
  readonly remoteCseq: number;
}

/** Identity, route and sequence numbers. */
export class NotifierDialog {
  readonly callId: string;
  /** Tag and URI of the engine's side: From of NOTIFYs. */
  readonly localTag: string;
  readonly localUri: string;
  readonly remoteTag: string;
  readonly remoteUri: string;
  /** Route set as the value of a Route header; "" without one. */
  readonly routeSet: string;
  /** Request-URI of NOTIFYs. */
  remoteTarget: string;
  /** CSeq of the last NOTIFY; 0 before the first. */
  localCseq: number;
  /** CSeq of the last SUBSCRIBE. */
  remoteCseq: number;

  constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.localUri = parts.localUri;
    this.remoteTag = parts.remoteTag;
    this.remoteUri = parts.remoteUri;
    this.routeSet = parts.routeSet;
    this.remoteTarget = parts.remoteTarget;
    this.localCseq = parts.localCseq;
    this.remoteCseq = parts.remoteCseq;
  }

  /** The dialog that a first SUBSCRIBE makes. */
  static of(request: SipMessage, localTag: string, remoteTarget: string): NotifierDialog {
    return new NotifierDialog({
      callId: ownText(request.callId),
      localTag,
      localUri: ownText(request.to?.uriText ?? ""),
      remoteTag: ownText(request.fromTag),
      remoteUri: ownText(request.from?.uriText ?? ""),
      routeSet: ownText(request.values(Header.RecordRoute).join(", ")),
      remoteTarget: ownText(remoteTarget),
      localCseq: 0,
      remoteCseq: request.cseqNumber,
    });
  }

  get key(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag);
  }
}

/** Key of a dialog among all of the engine. */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

/** URI of the first contact; undefined when it is missing or cannot be sent to. */
export function targetOf(request: SipMessage): string | undefined {
  const { contacts } = request;
  if (contacts === undefined || contacts === null || contacts.star) return undefined;
  const [first] = contacts.list;
  if (first === undefined || first.uri === null || /[\r\n\0]/.test(first.uriText)) return undefined;
  return first.uriText;
}
