/** The modules that Kamailio has, with the functions that they export: facts for messages about what is not built here. */
import { kamailioFunctions } from "./known-functions.ts";

/** Whether a name is that of a Kamailio module, built here or not. */
export function isKamailioModule(name: string): boolean {
  return Object.hasOwn(kamailioFunctions, name) || otherModules.includes(name);
}

/** Whether all script functions of a module are known. */
export function hasKnownFunctions(module: string): boolean {
  return Object.hasOwn(kamailioFunctions, module);
}

/** The Kamailio module that exports a script function, if any. */
export function moduleOfFunction(name: string): string | undefined {
  for (const [module, functions] of Object.entries(kamailioFunctions)) {
    if (` ${functions} `.includes(` ${name} `)) return module;
  }
  return undefined;
}

/** The Kamailio modules that export a variable, if any (only those that scripts often use). */
export function modulesOfVariable(name: string): readonly string[] {
  return Object.entries(kamailioVariables)
    .filter(([, variables]) => ` ${variables} `.includes(` ${name} `))
    .map(([module]) => module);
}

/** The Kamailio module that exports a class of transformations, if any. */
export function moduleOfTransformations(className: string): string | undefined {
  return transformationModules[className];
}

/** All names of modules, for suggestions. */
export function kamailioModuleNames(): readonly string[] {
  return [...Object.keys(kamailioFunctions), ...otherModules];
}

const transformationModules: Readonly<Record<string, string>> = {
  s: "pv",
  uri: "pv",
  param: "pv",
  nameaddr: "pv",
  tobody: "pv",
  line: "pv",
  urialias: "pv",
  val: "pv",
  num: "pv",
  re: "textops",
  sql: "sqlops",
  json: "json",
  jansson: "jansson",
  url: "utils",
  msrpuri: "msrp",
  xml: "xmlops",
  kz: "kazoo",
  hs: "pv",
  sock: "corex",
  htable: "htable",
};

/** Modules of other versions, or of packages of their own; their functions are not listed. */
const otherModules: readonly string[] = (
  "acc_radius app_java app_lua app_lua_sr app_mono app_perl app_python app_python3 " +
  "app_python3s app_ruby app_ruby_proc auth_arnacon auth_ephemeral auth_radius " +
  "authorization_radius avpops_db berkeley bson cnxcc compression cplc curl db2_ldap " +
  "db_berkeley db_cassandra db_mongodb db_oracle db_perlvdb db_redis db_sqlang db_unixodbc " +
  "dlgs dnssec erlang fips_tls gcrypt geoip geoip2 h350 http_async_client influxdbc " +
  "iptrtpproxy java jwt kafka kazoo keydb ldap log_systemd lwsc math memcached mi_datagram " +
  "mi_fifo mi_rpc mi_xmlrpc microhttpd misc_radius mongodb mqtt nats ndb_cassandra " +
  "ndb_mongodb ndb_redis nghttp2 nsq osp peerstate perl perlvdb phonenum posops " +
  "presence_dfks print pua_mi purple rabbitmq radius redis rtp_media_server ruxc sctp sipp " +
  "snmpstats stirshaken sworker systemdops tls_cfg tls_wolfssl tlsa topos_htable " +
  "topos_redis usrloc_dmq utils_http verto websocket_async wsclient xhttp_lua xmpp"
).split(" ");

/** Variables of modules that configurations name most, in one text each. */
const kamailioVariables: Readonly<Record<string, string>> = {
  acc: "acc_extra",
  benchmark: "BM_time_diff",
  cfgutils: "RANDOM",
  corex: "cfg lsock atkv",
  dialog: "dlg dlg_ctx dlg_var",
  dispatcher: "dsv dsg",
  erlang: "erl_list erl_tuple erl_atom erl_pid erl_ref erl_xbuff",
  evapi: "evapi",
  geoip: "gip",
  geoip2: "gip2",
  htable: "sht shtex shtcn shtcv shtinc shtdec shtrecord shtitkey shtitval",
  http_async_client:
    "http_req http_req_id http_ok http_err http_rs http_rr http_hdr http_bodylen http_rb " +
    "http_time",
  http_client: "curlerror",
  ims_dialog: "dlg dlg_ctx dlg_var",
  ims_registrar_scscf: "ulc",
  ipops: "HN srv srvquery dns naptrquery ptrquery",
  jwt: "jwt",
  kazoo: "kqR kqE kqT",
  keepalive: "ka_status",
  mqtt: "mqtt",
  mqueue: "mqk mqv mq_size",
  msrp: "msrp",
  mtree: "mtree",
  nat_traversal: "keepalive track_dialog source_uri",
  ndb_redis: "redis redisd",
  nosip: "nosip",
  phonenum: "phn",
  posops: "pos",
  presence: "subs notify_reply pres",
  pv_headers: "x_hdr x_fu x_fU x_fd x_fn x_ft x_tu x_tU x_td x_tn x_tt x_rs x_rr",
  registrar: "ulc",
  rr: "route_uri from_user",
  rtpengine: "rtpstat",
  rtpproxy: "rtpstat",
  ruxc: "ruxc",
  sdpops: "sdp",
  secsipid: "secsipid",
  sipcapture: "hep",
  sipt: "sipt sipt_calling_party_nai sipt_presentation sipt_screening sipt_called_party_nai",
  siptrace: "siptrace",
  smsops: "smsack rpdata tpdu",
  sqlops: "dbr sqlrows xdbr",
  tcpops: "tcp",
  tls:
    "tls_version tls_description tls_cipher_info tls_cipher_bits tls_peer_subject " +
    "tls_peer_issuer tls_my_subject tls_peer_verified tls_peer_subject_cn " +
    "tls_peer_server_name",
  tmx:
    "T T_branch_idx T_reply_ruid T_reply_reason T_reply_last T_ticket_index T_req T_rpl T_inv " +
    "T_reply_code T_branch_idx T_id_n T_id_i T_id_l",
  uac: "uac_req uac_evroute",
  uuid: "uuid",
  websocket: "ws_conid",
  xhttp: "hu hw",
  xmlops: "xml",
};
