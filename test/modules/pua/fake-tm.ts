/** Stands in for tm: keeps the requests of the engine, and answers them as a test says. */
import type { LocalRequest, TmApi } from "../../../src/modules/tm/spec.ts";
import { parseMessage, type SipMessage } from "../../../src/sip/message.ts";

/** Reads a message that a test wrote. */
export function message(text: string): SipMessage {
  const parsed = parseMessage(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.message;
}

export class FakeTm {
  readonly requests: LocalRequest[] = [];
  #serial = 0;

  get api(): TmApi {
    return {
      request: (request: LocalRequest) => {
        this.requests.push(request);
        return { cancel: () => {}, abandon: () => {} };
      },
      newTag: () => `tag${++this.#serial}`,
      newCallId: () => `call${++this.#serial}`,
    } as unknown as TmApi;
  }

  /** The last request. */
  get last(): LocalRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error("nothing was sent");
    return request;
  }

  /** Value of a header of a request; "" when it is not there. */
  static header(request: LocalRequest, name: string): string {
    const line = (request.headers ?? "").split("\r\n").find((one) => one.startsWith(`${name}: `));
    return line === undefined ? "" : line.slice(name.length + 2);
  }

  /** Answers a request; code only: no reply came, the code was made by tm. */
  answer(code: number, headers?: string, request: LocalRequest = this.last): void {
    if (headers === undefined) {
      request.onFinal?.(code, undefined, undefined);
      return;
    }
    const to = request.to.includes("tag=") ? request.to : `${request.to};tag=remote`;
    const reply = message(
      `SIP/2.0 ${code} X\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: ${request.from}\r\n` +
        `To: ${to}\r\nCall-ID: ${request.callId}\r\nCSeq: ${request.cseq} ${request.method}\r\n${headers}\r\n`,
    );
    request.onFinal?.(code, reply, undefined);
  }
}
