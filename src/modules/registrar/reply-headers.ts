/** Headers of a reply to REGISTER beside Contact, in Kamailio's order. */
import { Header } from "../../sip/headers.ts";
import { type Outcome, Outcomes } from "./outcome.ts";
import type { RegisterRequest } from "./request.ts";
import type { RegistrarParams } from "./settings.ts";

const REQUIRE = "Require: outbound\r\n";
const SUPPORTED = "Supported: outbound\r\n";

/** RFC 5626, 6 and RFC 3327, 5.3 for replies that accept the request. */
function acceptedHeaders(request: RegisterRequest, params: RegistrarParams): string {
  let text = "";
  if (request.path !== null && params.path_mode > 0 && request.supportsPath) {
    text += `Path: ${request.path}\r\n`;
  }
  if (params.outbound_mode === 0) return text;
  if (params.outbound_mode === 2) text += REQUIRE + SUPPORTED;
  else text += request.usesOutbound ? SUPPORTED + REQUIRE : SUPPORTED;
  if (params.flow_timer > 0 && (request.usesOutbound || params.outbound_mode === 2)) {
    text += `Flow-Timer: ${params.flow_timer}\r\n`;
  }
  return text;
}

/** The header lines, each with its line end. */
export function replyHeaders(
  outcome: Outcome,
  request: RegisterRequest,
  params: RegistrarParams,
): string {
  if (outcome === Outcomes.ok) return acceptedHeaders(request, params);
  let text = "";
  if (outcome === Outcomes.pathNotSupported) {
    const path = request.path ?? request.message.values(Header.Path).join(",");
    text = `Unsupported: path\r\nPath: ${path}\r\n`;
  } else if (outcome === Outcomes.outboundNotSupported) text = "Unsupported: outbound\r\n";
  else if (outcome === Outcomes.outboundRequired) text = REQUIRE + SUPPORTED;
  else if (outcome === Outcomes.tooBrief) text = `Min-Expires: ${params.min_expires}\r\n`;
  text += `P-Registrar-Error: ${outcome.error}\r\n`;
  if (outcome.status >= 500 && params.retry_after > 0) {
    text += `Retry-After: ${params.retry_after}\r\n`;
  }
  return text;
}
