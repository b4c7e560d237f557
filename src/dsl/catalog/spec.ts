/** The declaration of a module as data: what the checker, the compiler and the manual know about it. */

/** Route kinds a function may be called in. `any` is all of them. */
export type RouteScope =
  | "any"
  | "request"
  | "reply" // named onreply_route and the global reply_route
  | "failure"
  | "branch"
  | "onsend"
  | "error"
  | "local" // event_route[tm:local-request]
  | "event" // event routes in general
  | "startup";

/**
 * How an argument is written, converted and checked.
 *
 * A kind owns its conversion: constant text is converted once when linking, text with variables per call.
 */
export interface KindTypes {
  /** Constant text; variables are not evaluated. */
  str: string;
  /** Text in which variables are evaluated (a `$null` reads as ""; as `<null>` inside a longer text). */
  fmt: string;
  /** Like `fmt`, but `null` when the text is exactly one variable that is `$null`. */
  "fmt?": string | null;
  /** An integer: a number, a string holding one, or a variable. */
  int: number;
  /** A number from 0 to 31 or a declared flag name. */
  flag: number;
  /** A variable that is read, written or both: written `$x(y)` or "$x(y)". */
  var: VariableHandle;
  /** Any expression, evaluated, without being turned into text. */
  any: string | number | null;
  /** A POSIX extended regular expression, constant. `translateRegex` has made it. */
  regex: RegExp;
  /** The same, in which variables are evaluated. */
  "regex-fmt": RegExp;
  /** Name of a route of the kind given in `of`. */
  route: string;
  /** `/pattern/replacement/flags`, constant. */
  subst: string;
  /** SIP status code, 100 to 699, with variables. */
  status: number;
  /** SIP methods separated by `|`, or a variable. */
  methods: string;
  /** A header field name (compact forms and any token; also Kamailio's numeric `name[index]`, where a module says so). */
  header: string;
  /** Name of a usrloc table. */
  table: string;
  /** A SIP URI (`sip:`, `sips:`, `tel:`, `urn:`), with variables. */
  uri: string;
  /** Host name or address, with variables. */
  host: string;
}

export type Kind = keyof KindTypes;

/** A variable handed to a function: `get`/`set` for the message of the given context. */
export interface VariableHandle {
  /** As written, e.g. `$avp(x)`. */
  readonly text: string;
  /** False for read-only variables: `set` throws then (an invariant; the checker has refused the config). */
  readonly isWritable: boolean;
  get(context: never): string | number | null;
  set(context: never, value: string | number | null): void;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly kind: Kind;
  readonly optional: boolean;
  readonly doc: string;
  /** Allowed words, where the manual lists them. */
  readonly values?: readonly (string | number)[];
  readonly min?: number;
  readonly max?: number;
  /** For kind `route`: which kind of route block must have that name. */
  readonly of?: "request" | "reply" | "failure" | "branch" | "event";
  /** For kind `event`-routes named with a prefix, such as `tm:branch-failure:NAME`. */
  readonly prefix?: string;
  /**
   * For `regex` and `regex-fmt`: how the pattern is meant. `newline`: `.` stops at line feeds and `^`, `$` are those of
   * lines (REG_NEWLINE); `longest`: the extent of the match matters; `global`: all matches are looked for. Case is
   * ignored unless said otherwise.
   */
  readonly regex?: {
    readonly newline?: boolean;
    readonly longest?: boolean;
    readonly global?: boolean;
    readonly caseSensitive?: boolean;
  };
  /** Extra form that constant text must have; the text is the sentence for the diagnostic ("a list of letters …"). */
  readonly pattern?: { readonly regex: string; readonly says: string };
}

export interface FunctionSpec {
  /** Meaning, and return codes that differ from 1 / -1. */
  readonly doc: string;
  readonly routes: readonly RouteScope[];
  /** The only form, ... */
  readonly args?: readonly ArgumentSpec[];
  /** ... or several, told apart by their number of arguments; one handler each. */
  readonly forms?: Readonly<Record<string, readonly ArgumentSpec[]>>;
  /** May hand back a promise, so that routes that reach it become asynchronous. */
  readonly async?: boolean;
  /** Concerns what another worker may own: hands back a promise then. Only where there are several workers. */
  readonly asksWorkers?: boolean;
  /** The script ends after it (returns 0), e.g. `exit`-like functions; for reachability checks. */
  readonly ends?: boolean;
  /** False: in Kamailio's manual, not built here; using it is an error "not implemented in olelo yet". */
  readonly implemented?: boolean;
  /** Complete statements; each is compiled, and run where it can be, by a test. */
  readonly examples?: readonly string[];
  /** Where and why olelo does it differently from Kamailio 5.6.3. */
  readonly departs?: string;
}

export type ParamType = "str" | "int" | "flag";

export interface ParamSpec {
  /** `str`, `int`, or `flag` (an int read as boolean: 0 is off). */
  readonly type: ParamType;
  /** Used when not set. None: undefined for `str`, 0 for `int`, false for `flag`. */
  readonly default?: string | number | boolean;
  readonly doc: string;
  /** For `str`: a number is taken too, as its text (`modparam("ctl", "user", 0)`). */
  readonly orNumber?: boolean;
  /** Each modparam adds a value (`htable`, `binrpc`); the value is an array then. */
  readonly multiple?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly (string | number)[];
  /** Meaning of the text: checked when the config is read. */
  readonly form?:
    | "variable"
    | "variables"
    | "uri"
    | "regex"
    | "address"
    | "route"
    | "reply-route"
    | "event-route"
    | "avp";
  /** Accepted; what happens instead is said once in an info diagnostic: the reason. */
  readonly ignored?: string;
  readonly implemented?: boolean;
  /** Readable and settable at run time as `cfg.get module name`. */
  readonly runtime?: boolean;
  readonly departs?: string;
}

export interface VariableSpec {
  readonly doc: string;
  readonly type: "str" | "int" | "any";
  readonly writable?: boolean;
  /** Whether `(inner)` must, may or must not be there (default: `none`). */
  readonly inner?: "none" | "optional" | "required";
  /** Inner words, where they are a closed list (`$T(reply_code)`, `$TV(s)`). */
  readonly innerValues?: readonly string[];
  /** What inner text is: plain text, text with variables evaluated, a variable (`$T_req($ru)`), a header name. */
  readonly innerForm?: "text" | "format" | "variable" | "header" | "key";
  /** `[n]`, `[*]` allowed. */
  readonly indexed?: boolean;
  /** Routes where it has a meaning; elsewhere it is `$null`. */
  readonly implemented?: boolean;
  readonly departs?: string;
}

export interface TransformationSpec {
  readonly doc: string;
  /** Number of arguments. */
  readonly min: number;
  readonly max: number;
  /** `raw`: one argument with a grammar of its own (`{re.subst,/a/b/g}`). */
  readonly raw?: boolean;
  /** The last argument is a character, which may be a comma: `{s.select,1,,}`. */
  readonly character?: boolean;
  /** Kinds of the arguments, for the checker ("int" arguments must be numbers or variables). */
  readonly args?: readonly ("int" | "str")[];
  readonly result: "str" | "int" | "any";
  readonly implemented?: boolean;
}

export interface EventRouteSpec {
  /** `tm:local-request`, or with a parameter: `tm:branch-failure:*`. */
  readonly name: string;
  readonly doc: string;
  readonly implemented?: boolean;
}

/**
 * What a command does where there are several workers: `statistics` shows values that are added up, `sum` runs everywhere and adds the
 * numbers in the replies, `join` appends the replies, `every` runs everywhere and replies what the first says that can do it, `owner`
 * runs in the worker that has the address of record in its second parameter.
 */
export type RpcSpread = "statistics" | "sum" | "join" | "every" | "owner";

export interface RpcSpec {
  readonly doc: string;
  /** With several workers; default: the worker that was asked does it alone. */
  readonly workers?: RpcSpread;
  /** As Kamailio's RPC documentation writes them: `table aor`. */
  readonly params?: string;
  readonly implemented?: boolean;
}

/** A module, as data. The core is one too, with the name `core`. */
export interface ModuleSpec {
  readonly name: string;
  /** First paragraph of its manual page. */
  readonly doc: string;
  /** Modules that must be loaded (before it). Key = module name. */
  readonly needs?: Readonly<Record<string, ModuleSpec>>;
  /** Modules used when they are loaded. */
  readonly uses?: Readonly<Record<string, ModuleSpec>>;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
  readonly variables?: Readonly<Record<string, VariableSpec>>;
  /** By class (`s`, `uri`), then name (`substr`, `encode.hexa`). */
  readonly transformations?: Readonly<Record<string, Readonly<Record<string, TransformationSpec>>>>;
  readonly eventRoutes?: readonly EventRouteSpec[];
  readonly rpc?: Readonly<Record<string, RpcSpec>>;
  /** Further sections of its manual page: heading and text. */
  readonly notes?: readonly { readonly title: string; readonly text: string }[];
  /** First part of the URLs (`sqlite`) of the databases that this module reaches. Such modules are set up first. */
  readonly storage?: string;
  /** Where the whole module departs from Kamailio's. */
  readonly departures?: readonly string[];
}

/** A required argument. */
export function required<const K extends Kind, const X extends Partial<ArgumentSpec> = object>(
  name: string,
  kind: K,
  doc: string,
  extra?: X,
): ArgumentSpec & { readonly name: string; readonly kind: K; readonly optional: false } {
  return { name, kind, doc, optional: false, ...extra } as never;
}

/** An argument that may be left out (only the last ones). */
export function optional<const K extends Kind, const X extends Partial<ArgumentSpec> = object>(
  name: string,
  kind: K,
  doc: string,
  extra?: X,
): ArgumentSpec & { readonly name: string; readonly kind: K; readonly optional: true } {
  return { name, kind, doc, optional: true, ...extra } as never;
}
