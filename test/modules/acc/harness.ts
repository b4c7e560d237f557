/** An engine that accounts requests, and the lines that it has written. */
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";
import { callee, find, request, type RequestParts } from "../tm/messages.ts";

const flags = `
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
modparam("acc", "acc_prepare_flag", 5)`;

const modules = ["tm", "sl", "pv", "rr", "textops", "siputils", "corex", "acc"];

export class AccountedEngine {
  readonly engine: TestEngine;

  constructor(engine: TestEngine) {
    this.engine = engine;
  }

  /** Accounting lines so far, without what they begin with and what all have in common. */
  get lines(): string[] {
    return this.engine.log.lines
      .filter((line) => line.level === 1 && line.text.startsWith("ACC: "))
      .map((line) => line.text.slice(5).replace(/timestamp=1700000\d{3};/, ""));
  }

  /** The same, without the fields before `code`. */
  get outcomes(): string[] {
    return this.lines.map((line) => line.replace(/: .*;code/, ": code"));
  }

  /** Sends a request and hands back what the engine sent to 10.0.0.2. */
  async relay(method: string, parts: RequestParts = {}): Promise<Sent> {
    return find(await this.engine.send(request(method, parts)), `${callee} ${method}`);
  }

  /** Answers a request that the engine sent; always with the same tag. */
  async reply(
    sent: Sent,
    status: string,
    more: { readonly headers?: string; readonly body?: string } = {},
  ): Promise<Sent[]> {
    const vias = sent.headers("Via").map((via) => `Via: ${via}\r\n`);
    const to = sent.header("To");
    const body = more.body ?? "";
    const text =
      `SIP/2.0 ${status}\r\n${vias.join("")}From: ${sent.header("From")}\r\n` +
      `To: ${to}${to.includes("tag=") ? "" : ";tag=t9"}\r\n` +
      `Call-ID: ${sent.header("Call-ID")}\r\nCSeq: ${sent.header("CSeq")}\r\n` +
      `${more.headers ?? ""}Content-Length: ${body.length}\r\n\r\n${body}`;
    return await this.engine.send(text, sent.to);
  }
}

/** Starts an engine that accounts all requests unless the routes say otherwise. */
export async function accounted(
  params = "",
  routes = "request_route { setflag(1); setflag(2); setflag(3); t_relay(); }",
): Promise<AccountedEngine> {
  const load = modules.map((name) => `loadmodule "${name}"`).join("\n");
  const settings = `${flags}\n${params}\nmodparam("tm", "fr_timer", 800)`;
  return new AccountedEngine(await testEngine(`debug=1\n${load}\n${settings}\n${routes}`));
}
