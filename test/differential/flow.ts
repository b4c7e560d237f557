/** Call flows played against a server, and the record of what it sent, in a form that two servers can be compared in. */
import {
  header,
  kindOf,
  Peer,
  type Received,
  replyTo,
  type ReplyOptions,
} from "../interop/support/peer.ts";
import type { Server } from "../interop/support/servers.ts";

/** A flow: a config, the user agents around the server, and what they do. */
export interface Flow {
  readonly name: string;
  /** Script below the common head: `modparam`s and routes. */
  readonly config: string;
  /** Names of the user agents; their ports replace `NAME_PORT` in config. */
  readonly agents: readonly string[];
  readonly play: (stage: Stage) => Promise<void>;
  /** Status codes whose reason phrase the engine words itself. */
  readonly ownReasons?: readonly number[];
}

export const head = `#!KAMAILIO
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
server_signature=no
dns=no
rev_dns=no
alias="example.com"
listen=udp:127.0.0.1:PORT
${"kex corex tm tmx sl rr pv maxfwd usrloc registrar textops textopsx siputils xlog sanity"
  .split(" ")
  .map((name) => `loadmodule "${name}.so"`)
  .join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("tm", "failure_reply_mode", 3)
`;

/** What a flow's steps work with. */
export class Stage {
  readonly server: Server;
  readonly agents: ReadonlyMap<string, Peer>;

  constructor(server: Server, agents: ReadonlyMap<string, Peer>) {
    this.server = server;
    this.agents = agents;
  }

  agent(name: string): Peer {
    const found = this.agents.get(name);
    if (found === undefined) throw new Error(`no agent ${name}`);
    return found;
  }

  /** A request of an agent to the server; `headers` come before Content-Length. */
  request(from: string, method: string, options: RequestOptions = {}): string {
    const port = String(this.agent(from).port);
    const given = { ...defaults, ...options };
    const uri = given.uri ?? `sip:bob@127.0.0.1:${String(this.agent("uas").port)}`;
    const branch =
      given.branch ?? `z9hG4bK-${from}-${method === "CANCEL" ? "INVITE" : method}-${given.id}`;
    const contact = given.contact === undefined ? `<sip:alice@127.0.0.1:${port}>` : given.contact;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      given.via ?? `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=${branch}`,
      `Max-Forwards: ${String(given.maxForwards)}`,
      `From: ${given.from};tag=${given.fromTag}`,
      `To: ${given.to}`,
      `Call-ID: ${given.callId ?? `call-${given.id}@test`}`,
      `CSeq: ${String(given.cseq)} ${method}`,
      ...(contact === null ? [] : [`Contact: ${contact}`]),
    ];
    const length = `Content-Length: ${String(given.body.length)}`;
    return `${lines.join("\r\n")}\r\n${given.headers}${length}\r\n\r\n${given.body}`;
  }

  send(from: string, text: string): void {
    this.agent(from).send(text, this.server.port);
  }

  /** Sends a request and waits for its final reply. */
  async ask(from: string, method: string, options: RequestOptions = {}): Promise<Received> {
    const text = this.request(from, method, options);
    this.send(from, text);
    return await this.agent(from).take((reply) => Number(kindOf(reply)) >= 200);
  }

  take(agent: string, wanted: string): Promise<Received> {
    return this.agent(agent).take(wanted);
  }

  reply(agent: string, request: Received, status: number, options: ReplyOptions = {}): void {
    this.agent(agent).send(replyTo(request.text, status, options), this.server.port);
  }

  /** The ACK of a user agent to a final reply of an INVITE: hop by hop below 300, else end to end along the route set. */
  ack(from: string, invite: string, final: Received): void {
    const status = Number(kindOf(final.text));
    const lines = [
      `ACK ${status < 300 ? header(final.text, "Contact").replace(/^<|>.*$/g, "") : (invite.split(" ")[1] ?? "")} SIP/2.0`,
      status < 300
        ? `Via: SIP/2.0/UDP 127.0.0.1:${String(this.agent(from).port)};branch=z9hG4bK-ack2xx`
        : `Via: ${header(invite, "Via")}`,
      "Max-Forwards: 70",
      `From: ${header(invite, "From")}`,
      `To: ${header(final.text, "To")}`,
      `Call-ID: ${header(invite, "Call-ID")}`,
      "CSeq: 1 ACK",
    ];
    const routes = status < 300 ? header(final.text, "Record-Route") : "";
    if (routes !== "") lines.push(`Route: ${routes}`);
    this.send(from, `${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`);
  }

  /** A round trip through the server and to every agent's socket, after which all that was sent before has arrived. */
  async settle(): Promise<void> {
    for (const [name, agent] of this.agents) {
      const id = `settle-${name}`;
      this.send(
        name,
        this.request(name, "SETTLE", { id, uri: "sip:settle@127.0.0.1", contact: null }),
      );
      await agent.take((text) => header(text, "CSeq").endsWith("SETTLE"));
    }
  }
}

const defaults = {
  id: "1",
  from: "<sip:alice@example.com>",
  fromTag: "from1",
  to: "<sip:bob@example.com>",
  cseq: 1,
  maxForwards: 70,
  headers: "",
  body: "",
};

export interface RequestOptions {
  readonly uri?: string;
  readonly via?: string;
  readonly branch?: string;
  readonly id?: string;
  readonly from?: string;
  readonly fromTag?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  /** null: no Contact. */
  readonly contact?: string | null;
  readonly headers?: string;
  readonly body?: string;
  readonly maxForwards?: number;
}

/** Plays a flow; what each agent received, in order and normalised. */
export async function playFlow(
  flow: Flow,
  start: (config: string, options: { port: number }) => Promise<Server>,
  ports: { readonly server: number; readonly agents: readonly number[] },
): Promise<Record<string, string[]>> {
  const agents = new Map<string, Peer>();
  for (const [index, name] of flow.agents.entries())
    agents.set(name, await Peer.open(name, ports.agents[index]));
  let config = `${head}${flow.config}`;
  for (const [name, agent] of agents)
    config = config.replaceAll(`${name.toUpperCase()}_PORT`, String(agent.port));
  const settle = 'if (is_method("SETTLE")) { sl_send_reply("200", "Settled"); exit; }';
  config = config.replace(/request_route\s*\{/, `request_route {\n  ${settle}`);
  const server = await start(config, { port: ports.server });
  try {
    const stage = new Stage(server, agents);
    await flow.play(stage);
    await stage.settle();
    const record: Record<string, string[]> = {};
    const normalise = new Normaliser(flow.ownReasons ?? []);
    for (const [name, agent] of agents)
      record[name] = agent.received
        .filter((packet) => !packet.text.includes("SETTLE"))
        .map((packet) => normalise.text(packet.text));
    return record;
  } catch (error) {
    throw new Error(
      `${flow.name} on ${server.kind}: ${String(error)}\n${server.log().slice(-3000)}`,
      { cause: error },
    );
  } finally {
    for (const agent of agents.values()) agent.close();
    await server.stop();
  }
}

/** Replaces what two servers choose freely by names in order of appearance. */
class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #ownReasons: readonly number[];

  constructor(ownReasons: readonly number[]) {
    this.#ownReasons = ownReasons;
  }

  text(packet: string): string {
    const [first = "", ...rest] = packet.split("\r\n");
    return [this.#firstLine(first), ...rest.map((line) => this.#line(line))].join("\r\n");
  }

  #firstLine(line: string): string {
    const status = Number(/^SIP\/2\.0 (\d+)/.exec(line)?.[1] ?? 0);
    return this.#ownReasons.includes(status) ? `SIP/2.0 ${String(status)} (own words)` : line;
  }

  #line(line: string): string {
    return line
      .replaceAll(/branch=(z9hG4bK[^;,\s]+)/g, (_, branch: string) =>
        branch.startsWith("z9hG4bK-")
          ? `branch=${branch}`
          : `branch=${this.#name("branch", branch)}`,
      )
      .replaceAll(/;tag=(?!from|to|uas|u\d)[^;,\s>]+/g, ";tag=own")
      .replaceAll(/;(pub-gruu|temp-gruu)="([^"]*)"/g, ';$1="gruu"')
      .replace(/^Date: .*/, "Date: now")
      .replace(/^P-Registrar-Error: .*/, "P-Registrar-Error: (own words)")
      .replace(/^(Server|User-Agent): (kamailio|olelo).*/, "$1: engine");
  }

  #name(kind: string, value: string): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = `${kind}-${String(this.#names.size + 1)}`;
    this.#names.set(value, name);
    return name;
  }
}
