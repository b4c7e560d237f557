/** Answers to challenges for requests of the engine's own (RFC 3261, 22; RFC 8760). */
import { createHash, randomBytes } from "node:crypto";
import { type AuthParams, formatCredentials, parseAuth } from "../../sip/auth.ts";
import { lowerAscii, splitTokens } from "./texts.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";

/** Whom the engine is to its peers. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Only for this realm; any when empty. */
  readonly realm: string;
}

/** The request that was challenged. */
export interface ChallengedRequest {
  readonly method: string;
  readonly uri: string;
}

const HASHES: ReadonlyMap<string, string> = new Map([
  ["sha-256", "sha256"],
  ["sha-512-256", "sha512-256"],
  ["md5", "md5"],
]);

/** A header line with credentials, or undefined when the challenge cannot be answered. */
export function answerChallenge(
  reply: SipMessage,
  request: ChallengedRequest,
  credentials: Credentials,
): string | undefined {
  const isProxy = reply.statusCode === 407;
  const kind = isProxy ? Header.ProxyAuthenticate : Header.WwwAuthenticate;
  const challenge = strongest(reply.values(kind), credentials);
  if (challenge === undefined) return undefined;
  const name = isProxy ? "Proxy-Authorization" : "Authorization";
  return `${name}: ${credentialsFor(challenge, request, credentials)}\r\n`;
}

/** The first challenge that can be answered: servers list the one that they prefer first (RFC 8760, 2.4). */
function strongest(values: readonly string[], credentials: Credentials): AuthParams | undefined {
  for (const value of values) {
    const challenge = parseAuth(value);
    if (challenge === undefined || !challenge.isDigest) continue;
    if (credentials.realm !== "" && credentials.realm !== challenge.realm) continue;
    if (!HASHES.has(algorithmOf(challenge))) continue;
    const qop = splitTokens(challenge.qop);
    if (qop.length === 0 || qop.includes("auth")) return challenge;
  }
  return undefined;
}

function algorithmOf(challenge: AuthParams): string {
  return challenge.algorithm === "" ? "md5" : lowerAscii(challenge.algorithm);
}

function credentialsFor(
  challenge: AuthParams,
  request: ChallengedRequest,
  credentials: Credentials,
): string {
  const hash = HASHES.get(algorithmOf(challenge)) as string;
  const digest = (text: string): string => createHash(hash).update(text, "latin1").digest("hex");
  const { realm, nonce } = challenge;
  const secret = digest(`${credentials.user}:${realm}:${credentials.password}`);
  const what = digest(`${request.method}:${request.uri}`);
  const params: [string, string][] = [
    ["username", credentials.user],
    ["realm", realm],
    ["nonce", nonce],
    ["uri", request.uri],
  ];
  if (challenge.qop === "") params.push(["response", digest(`${secret}:${nonce}:${what}`)]);
  else {
    const cnonce = randomBytes(8).toString("hex");
    const response = digest(`${secret}:${nonce}:00000001:${cnonce}:auth:${what}`);
    params.push(["response", response], ["qop", "auth"], ["nc", "00000001"], ["cnonce", cnonce]);
  }
  if (challenge.opaque !== "") params.push(["opaque", challenge.opaque]);
  if (challenge.algorithm !== "") params.push(["algorithm", challenge.algorithm]);
  return formatCredentials("Digest", params);
}
