/** Keywords; Kamailio spells them exactly so, only a few have a second spelling. */
import { createToken, type TokenType } from "../chevrotain.ts";
import { AnyNumber, BinaryOperator, CoreWord, Protocol, RouteKeyword, Word } from "./categories.ts";

export const Identifier = createToken({
  name: "Identifier",
  pattern: /[A-Za-z_]\w*/,
  categories: [Word],
  label: "a name",
});

/** A token for whole words: what goes on with a letter, a digit or '_' is a name. */
function word(name: string, pattern: string | RegExp, categories: TokenType[] = []): TokenType {
  const label = typeof pattern === "string" ? { label: `'${pattern}'` } : {};
  const words = typeof pattern === "string" ? pattern : pattern.source;
  return createToken({ name, pattern: new RegExp(`(?:${words})(?!\\w)`), categories, ...label });
}

export const If = word("If", "if");
export const Else = word("Else", "else");
export const While = word("While", "while");
export const Switch = word("Switch", "switch");
export const Case = word("Case", "case");
export const Default = word("Default", "default");
export const Break = word("Break", "break");
export const Return = word("Return", "return");
export const Exit = word("Exit", "exit");
export const Drop = word("Drop", "drop");
export const STATEMENT_WORDS = [If, Else, While, Switch, Case, Default, Break, Return, Exit, Drop];

export const Route = word("Route", "route", [RouteKeyword]);
export const RequestRoute = word("RequestRoute", "request_route", [RouteKeyword]);
export const FailureRoute = word("FailureRoute", "failure_route", [RouteKeyword]);
export const ReplyRoute = word("ReplyRoute", "reply_route", [RouteKeyword]);
export const OnreplyRoute = word("OnreplyRoute", "onreply_route", [RouteKeyword]);
export const BranchRoute = word("BranchRoute", "branch_route", [RouteKeyword]);
export const OnsendRoute = word("OnsendRoute", "onsend_route", [RouteKeyword]);
/** In no release of Kamailio; read, so that the error can say so. */
export const ErrorRoute = word("ErrorRoute", "error_route", [RouteKeyword]);
export const StartupRoute = word("StartupRoute", "startup_route", [RouteKeyword]);
export const EventRoute = word("EventRoute", "event_route");
export const ROUTE_WORDS = [
  RequestRoute,
  FailureRoute,
  ReplyRoute,
  OnreplyRoute,
  BranchRoute,
  OnsendRoute,
  ErrorRoute,
  StartupRoute,
  EventRoute,
  Route,
];

export const LoadModule = word("LoadModule", "loadmodule");
export const LoadModuleX = word("LoadModuleX", "loadmodulex");
export const LoadPath = word("LoadPath", /loadpath|mpath|modulepath/);
export const ModParam = word("ModParam", "modparam");
export const ModParamX = word("ModParamX", "modparamx");
export const CfgEngine = word("CfgEngine", "cfgengine");
export const Flags = word("Flags", /flags|bool/);
export const AvpFlags = word("AvpFlags", "avpflags");
export const IncludeFile = word("IncludeFile", "include_file");
export const ImportFile = word("ImportFile", "import_file");
export const ImportFiles = word("ImportFiles", "import_files");
export const MODULE_WORDS = [
  LoadModuleX,
  LoadModule,
  LoadPath,
  ModParamX,
  ModParam,
  CfgEngine,
  Flags,
  AvpFlags,
  IncludeFile,
  ImportFiles,
  ImportFile,
];

export const Method = word("Method", "method", [CoreWord]);
export const UriWord = word("UriWord", /uri|status|from_uri|to_uri/, [CoreWord]);
export const NumberWord = word(
  "NumberWord",
  /src_port|dst_port|snd_port|to_port|snd_af|to_af|af|msg:len/,
  [CoreWord],
);
export const ProtoWord = word("ProtoWord", /snd_proto|to_proto|proto/, [CoreWord]);
export const AddressWord = word("AddressWord", /src_ip|dst_ip|snd_ip|to_ip/, [CoreWord]);
export const Myself = word("Myself", "myself");
/** Only as arguments of `forward()` and its like. */
export const UriPart = word("UriPart", /uri:host|uri:port/);
export const CORE_WORDS = [UriPart, Method, NumberWord, ProtoWord, AddressWord, UriWord, Myself];

export const Not = createToken({ name: "Not", pattern: /not(?!\w)|!/, label: "'!'" });
export const And = createToken({
  name: "And",
  pattern: /and(?!\w)|&&/,
  categories: [BinaryOperator],
});
export const Or = createToken({
  name: "Or",
  pattern: /or(?!\w)|\|\|/,
  categories: [BinaryOperator],
});
export const Mod = word("Mod", "mod", [BinaryOperator]);
export const WordComparison = word("WordComparison", /ieq|ine|eq|ne/, [BinaryOperator]);
export const StrLen = word("StrLen", "strlen");
export const StrEmpty = word("StrEmpty", "strempty");
export const Defined = word("Defined", "defined");
export const OPERATOR_WORDS = [Not, And, Or, Mod, WordComparison, StrLen, StrEmpty, Defined];

export const Yes = word("Yes", /yes|true|on|enable/, [AnyNumber]);
export const No = word("No", /no|false|off|disable/, [AnyNumber]);
/** Address families are numbers to Kamailio; the tree keeps the word. */
export const Family = word("Family", /inet6|INET6|ipv6|IPv6|IPV6|inet|INET|ipv4|IPv4|IPV4/, [Word]);
export const ProtocolWord = word(
  "ProtocolWord",
  /udp|UDP|tcp|TCP|tls|TLS|sctp|SCTP|wss|WSS|ws|WS/,
  [Protocol, Word],
);
export const Advertise = word("Advertise", /advertise|ADVERTISE/, [Word]);
export const Virtual = word("Virtual", "virtual", [Word]);
export const NameWord = word("NameWord", /name|NAME/, [Word]);
export const Description = word("Description", /description|descr|desc/, [Word]);
export const VALUE_WORDS = [
  Yes,
  No,
  Family,
  ProtocolWord,
  Advertise,
  Virtual,
  NameWord,
  Description,
];
