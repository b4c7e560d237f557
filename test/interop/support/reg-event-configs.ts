/** Configs of the servers in tests of the event package reg. Each takes the port of the peer, which is mostly a link's. */

/** Stands for the own port in a config. */
const SELF = "PORT";

/** What a server has to know of the one that it talks to. */
export interface Wiring {
  /** Where the peer is reached. */
  readonly peer: number | typeof SELF;
  /** Where the peer reaches this server; its own port when it is reached directly. */
  readonly self?: number;
}

/** Answers go back to where a request came from, so that they take the link too. */
const common = `#!KAMAILIO
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
alias="example.test"
dns=no
rev_dns=no
listen=udp:127.0.0.1:PORT
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "kex.so"
loadmodule "ctl.so"
modparam("ctl", "binrpc", "unix:RUN/kamailio_ctl")
`;

const registrar = `loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("registrar", "min_expires", 1)
modparam("usrloc", "timer_interval", 1)
`;

const presence = `loadmodule "presence.so"
loadmodule "presence_reginfo.so"
modparam("presence", "publ_cache", 2)
modparam("presence", "subs_db_mode", 0)
`;

/** What `keptInDatabase` sets for modules that a config loads. */
const inDatabase = ["pua", "reginfo"];

/** The same config of an olelo, with publications, subscriptions and watchers in a database that outlives it. */
export function keptInDatabase(config: string): string {
  return inDatabase
    .filter((name) => config.includes(`loadmodule "${name}.so"`))
    .reduce(
      (text, name) =>
        text.replace(
          "request_route {",
          `modparam("${name}", "db_url", "sqlite:///RUN/olelo.db")\n$&`,
        ),
      config.replace('loadmodule "ctl.so"', '$&\nloadmodule "db_sqlite.so"'),
    );
}

const handleEvents = `
  if (!is_method("PUBLISH|SUBSCRIBE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
  t_release();
`;

/** `reginfo_handle_notify` and, on MESSAGE with X-Sub, `reginfo_subscribe`. */
const follow = (expires: number): string => `
  if (is_method("NOTIFY")) {
    $var(rc) = reginfo_handle_notify("location");
    xlog("L_NOTICE", "handled: $var(rc)\\n");
    sl_send_reply("200", "OK");
    exit;
  }
  if (is_method("MESSAGE")) { reginfo_subscribe("$hdr(X-Sub)", "${String(expires)}"); sl_send_reply("200", "OK"); exit; }
`;

/** Kamailio's pua does not start without a database. */
function withPuaDatabase(config: string): string {
  const database = 'loadmodule "pua.so"\nmodparam("pua", "db_url", "text://RUN/dbtext")';
  return config.replace('loadmodule "pua.so"', `loadmodule "db_text.so"\n${database}`);
}

function puaReginfo({ peer, self }: Wiring, publishes: boolean): string {
  return `loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("pua_reginfo", "default_domain", "example.test")
modparam("pua_reginfo", "publish_reginfo", ${publishes ? "1" : "0"})
modparam("pua_reginfo", "outbound_proxy", "sip:127.0.0.1:${String(peer)}")
modparam("pua_reginfo", "server_address", "sip:reginfo@127.0.0.1:${String(self ?? SELF)}")
`;
}

/** A presence server, all in memory, that grants at most so many seconds; `self` is where watchers reach it. */
export function presenceServer(maxExpires: number, self?: number): string {
  return `${common}${presence}
modparam("presence", "server_address", "sip:presence@127.0.0.1:${String(self ?? SELF)}")
modparam("presence", "max_expires", ${String(maxExpires)})
request_route { force_rport(); ${handleEvents} }
`;
}

/** What a registrar does beside registering. */
export interface RegistrarOptions {
  /** Whether it publishes its registrations; it follows users in any case. */
  readonly publishes: boolean;
  /** Seconds that it subscribes for. */
  readonly expires?: number;
}

/** An olelo that publishes to the peer, or follows who MESSAGEs name there. */
export function oleloRegistrar(wiring: Wiring, options: RegistrarOptions): string {
  return `${registrarWith(wiring, options)}modparam("pua_reginfo", "publish_grace", 1)\n`;
}

/** A Kamailio that does the same. */
export function kamailioRegistrar(wiring: Wiring, options: RegistrarOptions): string {
  return withPuaDatabase(registrarWith(wiring, options));
}

function registrarWith(wiring: Wiring, options: RegistrarOptions): string {
  return `${common}${registrar}${puaReginfo(wiring, options.publishes)}
request_route {
  force_rport();
  if (is_method("REGISTER")) { save("location"); exit; }
  ${follow(options.expires ?? 600)}
  if (lookup("location")) sl_send_reply("200", "Found $ru"); else sl_send_reply("404", "None");
}
`;
}

/** Registrar, publisher and presence server in one: Kamailio's way of telling of its own registrations. */
export function selfPublishing(self?: number): string {
  return withPuaDatabase(`${common}${registrar}${presence}${puaReginfo({ peer: SELF }, true)}
modparam("presence", "server_address", "sip:presence@127.0.0.1:${String(self ?? SELF)}")
request_route {
  force_rport();
  if (is_method("REGISTER")) { save("location"); exit; }
  ${handleEvents}
}
`);
}

/** olelo as registrar, notifier, and presence server for users whose names begin with "published". */
export function notifier(self?: number): string {
  return `${common}${registrar}${presence}loadmodule "reginfo.so"
modparam("reginfo", "server_address", "sip:reginfo@127.0.0.1:${String(self ?? SELF)}")
modparam("reginfo", "notify_interval", 0)
modparam("reginfo", "policy", "any")
modparam("reginfo", "admin_event", "unregistered")
request_route {
  force_rport();
  if (is_method("REGISTER")) { save("location"); exit; }
  if (is_method("SUBSCRIBE") && $tU !~ "^published") { reginfo_handle_subscribe("location"); exit; }
  ${handleEvents}
}
`;
}

/** One of two olelos that follow each other's whole domain; `expires`: seconds that it subscribes for. */
export function following({ peer, self }: Wiring, expires = 20): string {
  const own = `sip:reginfo@127.0.0.1:${String(self ?? SELF)}`;
  return `${common}${registrar}loadmodule "reginfo.so"
loadmodule "pua.so"
loadmodule "pua_reginfo.so"
modparam("reginfo", "server_address", "${own}")
modparam("reginfo", "domain_resource", "all")
modparam("reginfo", "notify_interval", 0)
modparam("reginfo", "min_expires", 1)
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "${own}")
modparam("pua_reginfo", "outbound_proxy", "sip:127.0.0.1:${String(peer)}")
event_route[core:worker-one-init] { route(FOLLOW); }
route[FOLLOW] { reginfo_subscribe("sip:all@example.test", ${String(expires)}); }
request_route {
  force_rport();
  if (is_method("REGISTER")) { save("location"); exit; }
  if (is_method("NOTIFY")) {
    if (reginfo_handle_notify("location")) sl_send_reply("200", "OK");
    else sl_send_reply("$reginfo(status)", "$reginfo(reason)");
    exit;
  }
  if (is_method("SUBSCRIBE")) {
    reginfo_allow_watcher();
    # A new dialog: the other server has just started and knows nothing of the old one.
    if (reginfo_handle_subscribe("location") && !has_totag()) route(FOLLOW);
    exit;
  }
  if (lookup("location")) sl_send_reply("200", "Found $ru"); else sl_send_reply("404", "None");
}
`;
}
