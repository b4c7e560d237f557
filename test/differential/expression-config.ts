/** Writes one config that logs the value of every expression for each request, and reads the log of a server that ran it. */
import { conditions } from "./expressions/conditions.ts";
import { formats } from "./expressions/formats.ts";
import { values } from "./expressions/values.ts";

export interface ExpressionCase {
  /** What identifies it in reports. */
  readonly name: string;
  /** Statements that log `@@id [value]@@`. */
  readonly statements: (id: number) => string;
}

const quote = (text: string): string => `"${text.replaceAll(/(["\\])/g, "\\$1")}"`;

/** A macro-free rendering: formats go into double quotes, where a backslash has to be doubled. */
export const cases: readonly ExpressionCase[] = [
  ...formats.map((format) => ({
    name: format,
    statements: (id: number) =>
      `xlog("L_NOTICE", ${quote(`@@${String(id)} [${format}]@@\n`).replaceAll("\n", "\\n")});`,
  })),
  ...conditions.map((condition) => ({
    name: `if (${condition})`,
    statements: (id: number) =>
      `if (${condition}) { xlog("L_NOTICE", "@@${String(id)} [T $rc]@@\\n"); } else { xlog("L_NOTICE", "@@${String(id)} [F]@@\\n"); }`,
  })),
  ...values.map((value) => ({
    name: `= ${value}`,
    statements: (id: number) =>
      `$var(r) = ${value}; xlog("L_NOTICE", "@@${String(id)} [$var(r)]@@\\n");`,
  })),
];

export function expressionConfig(selected: readonly ExpressionCase[] = cases): string {
  return `#!KAMAILIO
#!define FLAG
#!define NUMBER 77
debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
server_signature=no
dns=no
rev_dns=no
custom.label = "custom text" desc "a text"
custom.amount = 5 desc "a number"
listen=udp:127.0.0.1:PORT name "main"
alias="example.com"
${modules.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("pv", "shvset", "shared=s:shared value")
request_route {
  if (!is_method("BYE")) { $var(known) = 1; }
${setup}
${selected.map((one, id) => `  route(C${String(id)});`).join("\n")}
  sl_send_reply("200", "Done");
}
${selected.map((one, id) => `route[C${String(id)}] { ${one.statements(id)} return; }`).join("\n")}
route[YES] { return 1; }
route[NO] { return -1; }
route[RET5] { return 5; }
route[RETNEG] { return -3; }
`;
}

const modules = [
  "kex",
  "corex",
  "tm",
  "tmx",
  "sl",
  "rr",
  "pv",
  "maxfwd",
  "textops",
  "textopsx",
  "siputils",
  "xlog",
  "sanity",
];

const setup = String.raw`
  $avp(a) = "first"; $avp(a) = "second"; $avp(s:old) = "old"; $avp(i:5) = 55;
  $xavp(x=>f) = "one"; $xavp(x[0]=>n) = 7; $xavp(x=>f) = "two";
  $xavu(u) = "plain"; $xavi(X=>F) = "insensitive";
  $var(text) = "hello"; $var(number) = 42; $var(digits) = "123"; $var(empty) = ""; $var(zero) = 0; $var(small) = 7;
  $var(list) = "one,two,three"; $var(hex) = "68656c6c6f"; $var(b64) = "aGVsbG8=";
  $var(odd) = "a b'c\"d&e=f;g@h"; $var(esc) = "a%20b%40c+d"; $var(padded) = "  two words \t"; $var(quoted) = "\"quoted\"";
  $var(angle) = "<sip:x@y>"; $var(full) = "sips:u%20x:pw@host.org:5071;transport=tls;p=v;lr?h1=v1&h2=v2";
  $var(six) = "sip:u@[2001:db8::1]:5070;x"; $var(tel) = "tel:+4912345;phone-context=x";
  $var(params) = "a=1;b=\"two\";c;d=4"; $var(commas) = "a=1,b=2"; $var(addr) = "\"Some One\" <sip:some@one.org;x=y>;tag=7";
  $var(lines) = "alpha\nbeta\r\ngamma"; $var(alias) = "sip:a@1.2.3.4;alias=9.8.7.6~5070~1"; $var(pattern) = "^h.*o$";
  $vn(null) = $null;
  setflag(3); setbflag(2);
`;

/** The logged values by case; the last one wins. */
export function readValues(log: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const match of log.matchAll(/@@(\d+) \[([\s\S]*?)\]@@/g))
    found.set(Number(match[1]), match[2] ?? "");
  return found;
}
