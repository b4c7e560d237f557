/** The library: engines from configurations, the checker, and what modules of one's own are written with. */
export { createEngine } from "./modules/create-engine.ts";
export { checkText } from "./modules/check-text.ts";
export { moduleDefinitions } from "./modules/all.ts";
export type {
  Engine,
  EngineOptions,
  InjectOptions,
  OutsideParam,
  SentPacket,
} from "./runtime/engine-options.ts";
export {
  ConfigError,
  InvariantError,
  RouterError,
  StartError,
  TransportError,
} from "./runtime/errors.ts";
export {
  type AnyModule,
  type Api,
  bound,
  type BoundArgument,
  type BoundVariable,
  declareModule,
  type Handler,
  implementModule,
  type ModuleBehaviour,
  type ModuleDefinition,
  type ModuleEnvironment,
  optional,
  reads,
  readsAndWrites,
  required,
  type ReturnCode,
  RpcDouble,
  RpcError,
  type RpcReply,
  RpcStruct,
  type RpcValue,
  type ScriptVariable,
} from "./runtime/module.ts";
export { BranchTarget, ContextSlot, ScriptContext, type SendContext } from "./runtime/context.ts";
export { AttributeLists, XavpNode, type XavpValue } from "./runtime/lists.ts";
export { type Clock, SystemClock, type Timer, VirtualClock } from "./runtime/clock.ts";
export { type DnsClient, SystemDns, TableDns } from "./runtime/dns-client.ts";
export { type LogSink, MemoryLog, silentSink } from "./runtime/log.ts";
export { MemoryNetwork, type MemoryNode, type MemoryPacket } from "./runtime/memory-network.ts";
export type { Destination, ListenSocket, Proto, Transport } from "./runtime/transport.ts";
export { UdpTransport } from "./runtime/udp.ts";
export type { Logger, LogLevel, Services, Statistics } from "./runtime/services.ts";
export { type SipPackageMessage, toSip } from "./runtime/to-sip.ts";
export { parseMessage, type ParseResult, SipMessage } from "./sip/message.ts";
export { parseUri, SipUri } from "./sip/uri.ts";
export type { Diagnostic, Severity } from "./dsl/diagnostics/diagnostic.ts";
export { type DiagnosticData, renderFrame, renderLine, toData } from "./dsl/diagnostics/render.ts";
export type { ModuleSpec } from "./dsl/catalog/spec.ts";
export type { Value } from "./dsl/value.ts";
export { kamailioVersion, version } from "./runtime/version.ts";
