/** Keepalive requests to contacts, spread evenly over the interval, and what their answers say. */
import type { Timer } from "../../runtime/clock.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { LogLevel, Services } from "../../runtime/services.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { parseNameAddr } from "../../sip/name-addr.ts";
import { listItemEnd } from "../../sip/params.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { UsrlocApi } from "./api.ts";
import type { Contact } from "./contact.ts";

/** Settings of the module. */
export interface KeepaliveSettings {
  /** Sum of 1 all, 2 behind a NAT, 4 UDP; 0 off. */
  readonly mode: number;
  readonly method: string;
  readonly from: string;
  readonly domain: string;
  /** 1: only contacts of this server's id. */
  readonly filter: number;
  readonly timeoutSeconds: number;
  /** 255: off. */
  readonly logLevel: number;
  readonly intervalSeconds: number;
  readonly logText: ((context: ScriptContext) => string) | undefined;
}

/** Last answer of a contact. */
interface Measurement {
  /** Wall clock seconds. */
  last: number;
  /** Microseconds. */
  roundTrip: number;
  /** Call-ID of the request that waits for an answer, and when it was sent. */
  pending: string;
  sentAt: number;
}

/** How often in a second some requests are sent: many contacts at once would hold up calls. */
const TICKS = 20;

/** Sends the requests and hears the answers. */
export class Keepalive {
  readonly #services: Services;
  readonly #api: UsrlocApi;
  readonly #settings: KeepaliveSettings;
  /** By the ids of contacts. */
  readonly #measurements = new Map<number, Measurement>();
  readonly #pending = new Map<string, { readonly id: number; readonly ruid: string }>();
  readonly #prefix: string;
  #serial = 0;
  /** Ticks since the present interval began. */
  #ticks = 0;
  #walk: Iterator<Contact> | undefined;
  #tick: Timer | undefined;

  constructor(services: Services, api: UsrlocApi, settings: KeepaliveSettings) {
    this.#services = services;
    this.#api = api;
    this.#settings = settings;
    this.#prefix = `ka-${api.instanceId}-`;
    if (settings.mode === 0) return;
    services.hooks.beforeReply((context) => !this.#answered(context));
    api.listen({
      changed: (contact, change) => {
        if (change === "removed") this.#forget(contact);
      },
    });
  }

  start(): void {
    if (this.#settings.mode === 0) return;
    this.#tick = this.#services.clock.every(1000 / TICKS, () => this.#sendSome());
  }

  stop(): void {
    this.#tick?.cancel();
  }

  /** What is known of a contact's answers. */
  measured(contact: Contact): { readonly last: number; readonly roundTrip: number } | undefined {
    const measurement = this.#measurements.get(contact.id);
    return measurement === undefined || measurement.last === 0 ? undefined : measurement;
  }

  #forget(contact: Contact): void {
    const measurement = this.#measurements.get(contact.id);
    if (measurement === undefined) return;
    this.#pending.delete(measurement.pending);
    this.#measurements.delete(contact.id);
  }

  /** This tick's share of all contacts; each one has its turn once in an interval. */
  #sendSome(): void {
    const ticks = this.#settings.intervalSeconds * TICKS;
    if (this.#ticks === 0) this.#walk ??= allContacts(this.#api);
    this.#ticks = (this.#ticks + 1) % ticks;
    if (this.#walk === undefined) return;
    let total = 0;
    for (const table of this.#api.tables()) total += table.contacts;
    for (let left = Math.ceil(total / ticks); left > 0; left--) {
      const step = this.#walk.next();
      if (step.done === true) {
        this.#walk = undefined;
        return;
      }
      this.#visit(step.value);
    }
  }

  #visit(contact: Contact): void {
    const { mode, filter, timeoutSeconds } = this.#settings;
    const now = this.#api.now();
    if (!contact.isValid(now)) return;
    if (timeoutSeconds > 0) {
      const heard = Math.max(this.#measurements.get(contact.id)?.last ?? 0, contact.modified);
      if (heard + timeoutSeconds < now) {
        this.#api.together(() => contact.table.remove(contact, "removed"));
        return;
      }
    }
    if ((mode & 2) !== 0 && (contact.branchFlags & this.#api.natFlags) === 0) return;
    if ((filter & 1) !== 0 && contact.serverId !== this.#services.globals.int("server_id")) return;
    void this.#send(contact);
  }

  async #send(contact: Contact): Promise<void> {
    const hop = nextHop(contact);
    if (hop === undefined) return;
    const proto = hop.transport?.toLowerCase() ?? "udp";
    if (proto !== "udp") return;
    const port = hop.port === 0 ? undefined : hop.port;
    const found = this.#services.resolver.resolve(hop.host, port, "udp");
    const targets = found instanceof Promise ? await found : found;
    const target = targets[0];
    if (target === undefined || !contact.isStored) return;
    const socket =
      contact.socket ?? this.#services.sender.socketFor(undefined, "udp", target.address);
    if (socket === undefined) return;
    socket.send(this.#request(contact, socket), target.port, target.address);
  }

  #request(contact: Contact, socket: ListenSocket): string {
    const { method, from, domain } = this.#settings;
    const id = (++this.#serial).toString(16);
    const callId = this.#prefix + id;
    const { id: contactId, ruid } = contact;
    const measurement = this.#measurements.get(contactId);
    const sentAt = this.#services.clock.microseconds();
    if (measurement === undefined) {
      this.#measurements.set(contactId, { last: 0, roundTrip: 0, pending: callId, sentAt });
    } else {
      this.#pending.delete(measurement.pending);
      measurement.pending = callId;
      measurement.sentAt = sentAt;
    }
    this.#pending.set(callId, { id: contactId, ruid });
    const user = contact.aor.includes("@") ? contact.aor : `${contact.aor}@${domain}`;
    const route = contact.path === null ? "" : `Route: ${contact.path}\r\n`;
    const mark = this.#services.workers?.branchMark ?? "";
    const via = this.#services.sender.via(socket, `z9hG4bK${mark}${callId}`, true);
    return (
      `${method} ${contact.uri} SIP/2.0\r\nVia: ${via}\r\nMax-Forwards: 70\r\n${route}` +
      `From: <${from}>;tag=${callId}\r\nTo: <sip:${user}>\r\nCall-ID: ${callId}\r\n` +
      `CSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`
    );
  }

  /** True when the reply belongs to a keepalive request: it is not processed any further. */
  #answered(context: ScriptContext): boolean {
    const callId = context.msg.callId;
    if (!callId.startsWith(this.#prefix)) return false;
    const asked = this.#pending.get(callId);
    if (asked === undefined) return true;
    this.#pending.delete(callId);
    const measurement = this.#measurements.get(asked.id);
    if (measurement === undefined) return true;
    measurement.last = this.#api.now();
    measurement.roundTrip = this.#services.clock.microseconds() - measurement.sentAt;
    this.#log(asked.ruid, measurement.roundTrip, context);
    return true;
  }

  #log(ruid: string, roundTrip: number, context: ScriptContext): void {
    const { logLevel, logText } = this.#settings;
    if (logLevel > 3 || logText === undefined) return;
    const level = Math.max(-5, logLevel) as LogLevel;
    if (!this.#services.log.enabled(level)) return;
    const seconds = (roundTrip / 1e6).toFixed(6);
    this.#services.log.log(
      level,
      `keepalive answered after ${seconds} s by ${ruid}${logText(context)}`,
    );
  }
}

/** Where requests to a contact go first: its Path, the address that it registered from, or its own URI. */
function nextHop(contact: Contact): SipUri | undefined {
  if (contact.path !== null) {
    const end = listItemEnd(contact.path, 0, contact.path.length);
    return parseNameAddr(contact.path, 0, end)?.uri ?? undefined;
  }
  return parseUri(contact.received ?? contact.uri);
}

function* allContacts(api: UsrlocApi): Generator<Contact> {
  for (const table of api.tables()) yield* table.all();
}
