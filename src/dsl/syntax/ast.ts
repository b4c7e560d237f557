/** The tree of a configuration: what the parser makes, the checker reads and the compiler writes out. */
import type { Span } from "../source.ts";

/** A whole configuration, includes and defines resolved. */
export interface Config {
  readonly kind: "config";
  readonly items: readonly Item[];
}

export type Item =
  | GlobalAssign
  | CustomGlobal
  | LoadModule
  | LoadPath
  | ModParam
  | FlagsDeclaration
  | AvpFlagsDeclaration
  | CfgEngine
  | RouteBlock;

/** A name with where it stands. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** `children=4`, `listen=udp:a:5060 advertise b:5060 name "x"`, `alias="a" "b"`. Spelled as written, in `name`. */
export interface GlobalAssign {
  readonly kind: "global";
  readonly span: Span;
  readonly name: Name;
  readonly values: readonly GlobalValue[];
}

/** One value behind a global parameter's `=`. */
export type GlobalValue =
  | { readonly kind: "int"; readonly value: number; readonly span: Span }
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "id"; readonly value: string; readonly span: Span }
  | SocketValue;

/** `proto:host:port/flags advertise host:port name "n" virtual` of `listen`, `alias`, `tcp_source_ipv4` and their like. */
export interface SocketValue {
  readonly kind: "socket";
  readonly span: Span;
  /** `udp`, `tcp`, `tls`, `sctp`, `ws`, `wss`, or none when it was not written (or `*`). */
  readonly proto?: string;
  /** Host name, address (IPv6 in brackets), interface name or `*`. Several for `(a, b)` lists. */
  readonly hosts: readonly string[];
  readonly port?: number;
  readonly advertise?: { readonly host: string; readonly port?: number };
  readonly socketName?: string;
  readonly isVirtual?: boolean;
}

/** `group.name = value desc "text"`; read with `$sel(cfg_get.group.name)`. */
export interface CustomGlobal {
  readonly kind: "custom";
  readonly span: Span;
  readonly group: Name;
  /** `group[1].name = value`: for one instance of a group of a module. */
  readonly instance?: number;
  readonly name: Name;
  readonly value: number | string;
  readonly description?: string;
}

export interface LoadModule {
  readonly kind: "loadmodule";
  readonly span: Span;
  /** As written: `tm.so`, `tm`, `modules/tm/tm.so`, `./billing.js`. */
  readonly path: Name;
  /** The second string of `loadmodule "x" "opts"` / `loadmodulex`. */
  readonly options?: Name;
}

/** `mpath=` / `loadpath` / `modulepath`. */
export interface LoadPath {
  readonly kind: "loadpath";
  readonly span: Span;
  readonly path: Name;
}

export interface ModParam {
  readonly kind: "modparam";
  readonly span: Span;
  /** The module list as written: `"auth_db|usrloc"`; a regular expression over loaded modules' names. */
  readonly modules: Name;
  readonly param: Name;
  readonly value: number | string;
  readonly valueSpan: Span;
  /** Written as `modparamx`: variables in the value are evaluated when it is set. */
  readonly evaluates: boolean;
}

/** `flags A:1, B;` */
export interface FlagsDeclaration {
  readonly kind: "flags";
  readonly span: Span;
  readonly flags: readonly { readonly name: Name; readonly position?: number }[];
}

export interface AvpFlagsDeclaration {
  readonly kind: "avpflags";
  readonly span: Span;
  readonly names: readonly Name[];
}

export interface CfgEngine {
  readonly kind: "cfgengine";
  readonly span: Span;
  readonly engine: Name;
}

export type RouteKind =
  | "request"
  | "reply"
  | "failure"
  | "branch"
  | "onsend"
  | "error"
  | "startup"
  | "event"
  /** `reply_route`/`onreply_route` without a name: run for every reply before the transaction is looked up. */
  | "onreply";

/**
 * A route block. `request_route {}`, `route {}` and `route[0]` are `request` with the name `0`; `route[X]` is `request`
 * with the name X; `onreply_route[X]`/`reply_route[X]` is `reply` with a name; without a name it is `onreply`.
 */
export interface RouteBlock {
  readonly kind: "route";
  readonly span: Span;
  readonly route: RouteKind;
  /** The name in brackets; "0" for the main one of its kind. */
  readonly name: Name;
  /** The keyword as written (`onreply_route`, `reply_route`, `request_route`, `route`...). */
  readonly keyword: string;
  readonly body: Block;
}

export interface Block {
  readonly kind: "block";
  readonly span: Span;
  readonly statements: readonly Statement[];
}

export type Statement = Block | If | Switch | While | Assign | ExpressionStatement | Jump | Empty;

export interface If {
  readonly kind: "if";
  readonly span: Span;
  readonly condition: Expression;
  readonly then: Statement;
  readonly otherwise?: Statement;
}

export interface While {
  readonly kind: "while";
  readonly span: Span;
  readonly condition: Expression;
  readonly body: Statement;
}

export interface Switch {
  readonly kind: "switch";
  readonly span: Span;
  readonly subject: Expression;
  readonly cases: readonly Case[];
}

/** One `case X:`, `case /"regex":` or `default:` with the statements up to the next one (falls through without `break`). */
export interface Case {
  readonly span: Span;
  /** No label: `default`. */
  readonly label?: Expression;
  /** `case /"regex":` */
  readonly isRegex: boolean;
  readonly statements: readonly Statement[];
}

/** `$x = e`, `$x += e` (master), `@x = e`. */
export interface Assign {
  readonly kind: "assign";
  readonly span: Span;
  readonly target: Variable | Select;
  readonly operator: "=" | "+=" | "-=" | "*=" | "/=" | ":=";
  readonly value: Expression;
}

/** A call as a statement (or any expression: the grammar takes `$x;` no more than Kamailio does). */
export interface ExpressionStatement {
  readonly kind: "expression";
  readonly span: Span;
  readonly expression: Expression;
}

/** `return e`, `exit`, `drop`, `break`. */
export interface Jump {
  readonly kind: "jump";
  readonly span: Span;
  readonly jump: "return" | "exit" | "drop" | "break";
  readonly value?: Expression;
}

/** A lone `;`. */
export interface Empty {
  readonly kind: "empty";
  readonly span: Span;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | Variable
  | Select
  | CoreTerm
  | Call
  | RouteCall
  | Unary
  | Binary
  | Cast;

export interface NumberLiteral {
  readonly kind: "number";
  readonly span: Span;
  readonly value: number;
}

/** A string after joining adjacent ones and resolving escapes. Variables in it are found by whoever evaluates it. */
export interface StringLiteral {
  readonly kind: "string";
  readonly span: Span;
  readonly value: string;
  readonly quote: '"' | "'";
  /**
   * Where each UTF-16 unit of `value` stands in the source, when it is not simply `span.start + 1 + i`
   * (escapes, joined strings, substitutions). Use `spanInString`.
   */
  readonly offsets?: readonly Span[];
}

/** `$name(inner)[index]{class.name,args}...`. */
export interface Variable {
  readonly kind: "variable";
  readonly span: Span;
  /** Name without `$`: `ru`, `hdr`, `avp`. `$$` has the name `$`. */
  readonly name: string;
  /** Text between the parentheses, if there are any. */
  readonly inner?: string;
  readonly innerSpan?: Span;
  /** A number, `*`, or a variable. */
  readonly index?: number | "*" | Variable;
  readonly transformations: readonly Transformation[];
}

/** `{s.substr,1,$var(n)}` */
export interface Transformation {
  readonly span: Span;
  readonly className: string;
  /** What follows the class: `substr`, `escape.common`. */
  readonly name: string;
  /** Arguments as written: literal text (numbers included), or a variable. */
  readonly args: readonly (string | Variable)[];
  /** For the classes with a grammar of their own (`re.subst`): everything behind the first separator. */
  readonly raw: string;
}

/** `@to.tag`, `@hf_value["x"]`: path parts with optional indexes. */
export interface Select {
  readonly kind: "select";
  readonly span: Span;
  readonly path: readonly { readonly name: string; readonly index?: number | string }[];
}

/**
 * Words of the core that stand in expressions: `uri`, `method`, `src_ip`, `myself`, `from_uri`, `status`, `proto`,
 * `msg:len`, `max_len`, `af`, `INET`, `UDP`... and bare addresses (`ip`, with an optional mask), and bare words that stand for
 * strings (`method==INVITE`: `word`).
 */
export interface CoreTerm {
  readonly kind: "core";
  readonly span: Span;
  readonly term: string;
  /** For `ip`: the address (no brackets) with `/mask` when written; for `word`: the word. */
  readonly text?: string;
}

/** A function call: of a module or of the core (`setflag(1)`, `force_rport()`, `forward()`). */
export interface Call {
  readonly kind: "call";
  readonly span: Span;
  readonly name: Name;
  readonly args: readonly Expression[];
}

/** `route(NAME)`, `route("$var(x)")`, `route(NAME, a, b)`. */
export interface RouteCall {
  readonly kind: "routeCall";
  readonly span: Span;
  readonly target: Expression;
  readonly args: readonly Expression[];
}

export interface Unary {
  readonly kind: "unary";
  readonly span: Span;
  readonly operator: "!" | "-" | "+" | "~" | "strlen" | "strempty" | "defined";
  readonly operand: Expression;
}

export interface Binary {
  readonly kind: "binary";
  readonly span: Span;
  readonly operatorSpan: Span;
  readonly operator:
    | "&&"
    | "||"
    | "=="
    | "!="
    | "eq"
    | "ne"
    | "ieq"
    | "ine"
    | "=~"
    | "!~"
    | "<"
    | ">"
    | "<="
    | ">="
    | "+"
    | "-"
    | "*"
    | "/"
    | "%"
    | "&"
    | "|"
    | "^"
    | "<<"
    | ">>";
  readonly left: Expression;
  readonly right: Expression;
}

/** `(int)e`, `(str)e`. */
export interface Cast {
  readonly kind: "cast";
  readonly span: Span;
  readonly type: "int" | "str";
  readonly operand: Expression;
}
