/** The module msilo. */
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule, type ModuleEnvironment } from "../../runtime/module.ts";
import { openDatabase, prepareTables } from "../../runtime/storage/databases.ts";
import { readTimestamp } from "../../runtime/strftime.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { unescape } from "../../sip/uri-compare.ts";
import { parseUri } from "../../sip/uri.ts";
import { Delivery } from "./delivery.ts";
import { readMessage } from "./incoming.ts";
import { noticeSender } from "./notice.ts";
import { Outgoing } from "./outgoing.ts";
import { type Owner, Silo, siloLayout, type SiloNames } from "./silo.ts";
import { msilo } from "./spec.ts";

export type Environment = ModuleEnvironment<typeof msilo>;

/** Names of the table and its columns; they stand in statements as they are, so they must be plain. */
function namesOf(env: Environment): SiloNames {
  const { params } = env;
  const plain = (param: keyof typeof params): string => {
    const name = String(params[param]);
    if (!/^[A-Za-z_]\w*$/.test(name)) env.fail(param, `"${name}" is no name of a table or column`);
    return name;
  };
  if (params.sc_mid !== "id") env.fail("sc_mid", "the column must be called id");
  return {
    table: plain("db_table"),
    from: plain("sc_from"),
    to: plain("sc_to"),
    user: plain("sc_uri_user"),
    host: plain("sc_uri_host"),
    storedAt: plain("sc_inc_time"),
    expiresAt: plain("sc_exp_time"),
    sendAt: plain("sc_snd_time"),
    contentType: plain("sc_ctype"),
    body: plain("sc_body"),
    headers: plain("sc_stored_hdrs"),
  };
}

/** Whose messages a URI means; null when it names no user. */
function ownerOf(text: string): Owner | null {
  const uri = parseUri(text);
  if (uri === undefined || uri.user === "" || uri.host === "") return null;
  return { user: lowerAscii(unescape(uri.user)), host: lowerAscii(uri.host) };
}

export default implementModule(msilo, (env) => {
  const { params, services, use } = env;
  const { clock, log, statistics } = services;
  const url = params.db_url ?? env.fail("db_url", "db_url must be set: messages are kept there");
  const database = openDatabase(env, "db_url", url);
  const names = namesOf(env);
  const silo = new Silo(services, database, names);
  const outgoing = new Outgoing(use.tm, {
    nextHop: params.outbound_proxy,
    withDate: params.add_date,
    withContact: params.add_contact,
    reminderFrom: params.reminder ?? "",
  });
  const counter = (name: string, doc: string) => statistics.counter("msilo", name, doc);
  const stored = counter("stored_messages", "Messages stored");
  const delivery = new Delivery({
    tm: use.tm,
    silo,
    outgoing,
    log,
    counters: {
      dumped: counter("dumped_messages", "Stored messages delivered"),
      failed: counter("failed_messages", "Attempts to deliver that failed"),
      dumpedReminders: counter("dumped_reminders", "Reminders delivered"),
      failedReminders: counter("failed_reminders", "Reminders that failed"),
    },
  });
  const hasReminders = params.reminder !== undefined && params.send_time > 0;
  if (params.snd_time_avp !== undefined && !hasReminders) {
    env.warn("snd_time_avp", "reminders need the parameters reminder and send_time too");
  }
  const avp = (text: string | undefined) => (text === undefined ? undefined : env.variable(text));
  const headersAvp = avp(params.extra_hdrs_avp);
  const timeAvp = hasReminders ? avp(params.snd_time_avp) : undefined;
  const extraHeaders = params.extra_hdrs === undefined ? undefined : env.format(params.extra_hdrs);
  const notice = noticeSender(env, outgoing);

  /** When the message is to be sent as a reminder; 0: it is none. */
  function sendTime(context: ScriptContext): number {
    const text = timeAvp?.get(context) ?? null;
    if (text === null) return 0;
    const time = readTimestamp(String(text));
    if (time === undefined) log.warn(`"${text}" is no time as YYYYMMDDHHMMSS`);
    return time ?? 0;
  }

  async function store(context: ScriptContext, ownerText: string | undefined): Promise<number> {
    const owner = ownerOf(ownerText ?? context.uri);
    const read = readMessage(context.msg, headersAvp?.get(context) ?? null);
    if (owner === null || typeof read === "string") {
      log.info(`not stored: ${owner === null ? "the recipient cannot be read" : String(read)}`);
      return -1;
    }
    const now = silo.now();
    const sendAt = sendTime(context);
    const { expires } = context.msg;
    const life = expires > 0 ? Math.min(expires, params.expire_time) : params.expire_time;
    const expiresAt = Math.max(now, sendAt) + life;
    const message = { ...read, owner, storedAt: now, sendAt, expiresAt };
    if (!(await silo.store(message, params.max_messages))) return -1;
    stored.value++;
    notice?.(context, read);
    return 1;
  }

  async function dump(context: ScriptContext, ownerText: string | undefined): Promise<number> {
    const { msg } = context;
    if (msg.method === "REGISTER" && !addsContact(context)) return -1;
    const owner = ownerOf(ownerText ?? msg.to?.uriText ?? "");
    if (owner === null) {
      log.info("m_dump: the user cannot be read");
      return -1;
    }
    return (await delivery.dump(owner, extraHeaders?.(context) ?? "")) ? 1 : -1;
  }

  let rounds = 0;
  function check(): void {
    void silo.confirm();
    if (++rounds % params.clean_period === 0) void silo.clean();
  }
  const timers: { cancel(): void }[] = [];
  return {
    functions: { m_store: store, m_dump: dump },
    start: async () => {
      await prepareTables(env, "db_url", database, [siloLayout(names)]);
      timers.push(clock.every(params.check_time * 1000, check));
      if (!hasReminders) return;
      timers.push(clock.every(params.send_time * 1000, () => void delivery.remind()));
    },
    stop: () => {
      for (const timer of timers) timer.cancel();
      delivery.stop();
      return silo.stop();
    },
  };
});

/** Whether a REGISTER brings a contact, and does not only remove some. */
function addsContact({ msg }: ScriptContext): boolean {
  const list = msg.contacts?.list ?? [];
  return list.some((one) => {
    const own = one.expires;
    return own > 0 || (own < 0 && msg.expires !== 0);
  });
}
