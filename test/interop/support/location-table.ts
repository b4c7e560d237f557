/** The location table of a server as `ul.dump` shows it. */
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { control } from "./commands.ts";
import type { Server } from "./servers.ts";

/** A contact that is valid. */
export interface Binding {
  /** User part of the address of record. */
  readonly user: string;
  readonly uri: string;
  readonly callId: string;
  readonly cseq: number;
  /** Seconds left. */
  readonly expires: number;
}

/** What has a server, which is another one after a restart. */
interface Running {
  readonly server: Server;
}

/** Asks for the names of the contacts that a user has there. */
export function namesAt(machine: Running, user: string): () => Promise<string> {
  return async () => contactNames(await tableOf(machine.server), user);
}

/** Asks for the documents that a presence server has there, with their entity tags. */
export function publishedAt(machine: Running): () => Promise<string> {
  return () => control(machine.server, "presence.presentity_list", "full");
}

/** What differs between the tables of two servers, as `difference` says it. */
export async function differenceOf(a: Running, b: Running, bySeconds?: number): Promise<string> {
  return difference(await tableOf(a.server), await tableOf(b.server), bySeconds);
}

/** All valid contacts of a server, sorted by user and URI. */
export async function tableOf(server: Server): Promise<Binding[]> {
  return bindingsIn(await control(server, "ul.dump"));
}

/** The same of a running olelo with more contacts than `kamcmd` takes: over the socket `rpc` of jsonrpcs. */
export async function wholeTableOf(server: Server): Promise<Binding[]> {
  const socket = connect(join(server.directory, "rpc"));
  socket.end('{"jsonrpc":"2.0","method":"ul.dump","id":1}');
  const { result } = JSON.parse(await text(socket)) as { result: Dump };
  const aors = result.Domains.flatMap(({ Domain }) => Domain.AoRs);
  return aors
    .flatMap(({ Info }) =>
      Info.Contacts.filter(({ Contact }) => Number(Contact.Expires) > 0).map(({ Contact }) => ({
        user: Info.AoR,
        uri: Contact.Address,
        callId: Contact["Call-ID"],
        cseq: Contact.CSeq,
        expires: Number(Contact.Expires),
      })),
    )
    .sort(byUserAndUri);
}

/** What `ul.dump` is as JSON, as far as it is looked at. */
interface Dump {
  readonly Domains: readonly {
    readonly Domain: {
      readonly AoRs: readonly {
        readonly Info: {
          readonly AoR: string;
          readonly Contacts: readonly {
            readonly Contact: {
              readonly Address: string;
              readonly Expires: number | string;
              readonly "Call-ID": string;
              readonly CSeq: number;
            };
          }[];
        };
      }[];
    };
  }[];
}

/** What a dump says. Entries that have run out and wait for the timer are left out. */
export function bindingsIn(dump: string): Binding[] {
  const found: Binding[] = [];
  let user = "";
  for (const part of dump.split(/(?=\b(?:AoR|Address): )/)) {
    const aor = /^AoR: (\S+)/.exec(part)?.[1];
    if (aor !== undefined) user = aor.split("@", 1)[0] ?? "";
    const uri = /^Address: (\S+)/.exec(part)?.[1];
    const expires = Number(field(part, "Expires"));
    if (uri === undefined || !(expires > 0)) continue;
    found.push({
      user,
      uri,
      callId: field(part, "Call-ID"),
      cseq: Number(field(part, "CSeq")),
      expires,
    });
  }
  return found.sort(byUserAndUri);
}

/** The active contacts that a document of the event package reg shows. */
export function bindingsOf(document: string): Binding[] {
  const user = /<registration\b[^>]*\baor="sip:([^@"]*)/.exec(document)?.[1] ?? "";
  const found: Binding[] = [];
  for (const [, start = "", uri = ""] of document.matchAll(
    /<contact\b([^>]*)>[\s\S]*?<uri>\s*([^<\s]+)/g,
  )) {
    const value = (name: string): string =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(start)?.[1] ?? "";
    if (value("state") !== "active") continue;
    found.push({
      user,
      uri,
      callId: value("callid"),
      cseq: Number(value("cseq")),
      expires: Number(value("expires")),
    });
  }
  return found.sort((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** User parts of the contact URIs that one user has: sorted, separated by blanks. */
export function contactNames(bindings: readonly Binding[], user: string): string {
  const own = bindings.filter((one) => one.user === user);
  return own.map((one) => /^sip:([^@]*)/.exec(one.uri)?.[1] ?? one.uri).join(" ");
}

/** What differs between two tables; "" when they are equal. Lifetimes may differ by so many seconds. */
export function difference(a: readonly Binding[], b: readonly Binding[], bySeconds = 3): string {
  const lines = (list: readonly Binding[]): string[] =>
    list.map((one) => `${one.user} ${one.uri} ${one.callId} ${String(one.cseq)}`);
  const ofA = new Set(lines(a));
  const ofB = new Set(lines(b));
  const onlyA = [...ofA].filter((line) => !ofB.has(line));
  const onlyB = [...ofB].filter((line) => !ofA.has(line));
  if (onlyA.length + onlyB.length > 0) return [...onlyA, "---", ...onlyB].join("\n");
  const late = a.find((one, index) => Math.abs(one.expires - (b[index]?.expires ?? 0)) > bySeconds);
  return late === undefined ? "" : `expires of ${late.uri} differs`;
}

function byUserAndUri(a: Binding, b: Binding): number {
  return `${a.user} ${a.uri}` < `${b.user} ${b.uri}` ? -1 : 1;
}

function field(part: string, name: string): string {
  return new RegExp(`\\b${name}: (\\S+)`).exec(part)?.[1] ?? "";
}
