/** Rule: a select begins with a word that selects have. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { Expression } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { VariableUse, Visitor } from "../visitor.ts";

const PARTS_OF_URI = "type user rn_user pwd host port hostport params transport";
const ADDRESS = "uri tag name params";
const CREDENTIALS = "algorithm cnonce nc nonce opaque qop realm response uri username";
const RECEIVED = "proto_ip_port ip_port ip port proto";

const HEADERS =
  "call_id content_length content_type date event expires identity identity_info max_forwards method min_se " +
  "organization priority session_expires sip_if_match subject user_agent version";

/** First words of selects with the second words that they take; `*` for any. */
const roots: Readonly<Record<string, string>> = {
  ...Object.fromEntries(HEADERS.split(" ").map((name) => [name, ""])),
  ruri: PARTS_OF_URI,
  dst_uri: PARTS_OF_URI,
  next_hop: `${PARTS_OF_URI} src_ip`,
  from: ADDRESS,
  f: ADDRESS,
  to: ADDRESS,
  t: ADDRESS,
  refer_to: ADDRESS,
  rpid: ADDRESS,
  remote_party_id: "*",
  contact: "uri name q expires method received instance params",
  m: "uri name q expires method received instance params",
  via: "*",
  v: "*",
  record_route: "uri name params",
  rr: "uri name params dialog_cookie",
  msg: "*",
  cseq: "num method",
  src: RECEIVED,
  dst: RECEIVED,
  received: RECEIVED,
  proxy_authorization: CREDENTIALS,
  authorization: CREDENTIALS,
  hf_value: "*",
  hf_value2: "*",
  hf_value_exists: "*",
  cfg_get: "*",
  sys: "pid server_id unique now",
  db: "*",
  tls: "*",
  eval: "*",
  timer: "*",
  nathelper: "*",
  xmlrpc: "*",
};

export function selects(context: CheckContext): Visitor {
  return {
    expression(expression: Expression): void {
      if (expression.kind !== "select") return;
      const path = expression.path.map((part) => part.name);
      check(context, path, expression.span);
    },
    variable({ variable }: VariableUse): void {
      const { name, inner, innerSpan, span } = variable;
      if (name !== "sel" || inner === undefined || inner === "" || inner.includes("$")) return;
      const path = inner.split(".").map((part) => part.replace(/\[.*$/, ""));
      check(context, path, innerSpan ?? span);
    },
  };
}

function check(context: CheckContext, path: readonly string[], span: Span): void {
  const [first = "", second = ""] = path;
  const below = Object.hasOwn(roots, first) ? roots[first] : undefined;
  if (below === undefined) {
    if (context.facts.hasUnknownExports) return;
    const help = suggestion(first, Object.keys(roots));
    context.report(checkCodes.unknownSelect, span, `there is no select @${first}`, { help });
    return;
  }
  if (below === "*" || second === "" || below.split(" ").includes(second)) return;
  const message = `the select @${first} has no part named ${second}`;
  context.report(checkCodes.unknownSelect, span, message, {
    help: suggestion(second, below.split(" ")),
  });
}
