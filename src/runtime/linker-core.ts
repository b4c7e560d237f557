/** Words of the core in expressions: `uri==myself`, `src_ip==10.0.0.0/8`, `status=~"4.."`. */
import { BlockList, isIP } from "node:net";
import type { Argument, CoreComparison, Getter } from "../dsl/compile/abi.ts";
import { operations, parseInteger } from "../dsl/compile/operations.ts";
import { translateRegex } from "../dsl/regex/translate.ts";
import type { CoreTerm } from "../dsl/syntax/ast.ts";
import type { Value } from "../dsl/value.ts";
import { equalsIgnoreCase } from "../sip/chars.ts";
import { parseUri } from "../sip/uri.ts";
import type { ScriptContext } from "./context.ts";
import type { RegexCache } from "./linker-regex.ts";
import { LinkProblem } from "./linker-variables.ts";
import type { Services } from "./services.ts";
import type { Destination } from "./transport.ts";

type Get = Getter<ScriptContext>;
type Test = Getter<ScriptContext, boolean>;
type Comparison = CoreComparison<ScriptContext>;
type Operator = Comparison["operator"];

/** Numbers of the address families, as Kamailio's `$af` has them. */
const families = { INET: 2, INET6: 10 } as const;

function familyNumber(family: 4 | 6): number {
  return family === 4 ? families.INET : families.INET6;
}

function methodOf({ msg }: ScriptContext): string {
  return msg.isRequest ? msg.method : msg.cseqMethod;
}

/** In onsend_route: where the message is about to go. */
function destination({ sending }: ScriptContext): Destination | undefined {
  return sending?.send;
}

/** The text of addresses, URIs and names. */
const texts: Readonly<Record<string, Get>> = {
  uri: (context) => context.uri,
  from_uri: ({ msg }) => msg.from?.uriText ?? null,
  to_uri: ({ msg }) => msg.to?.uriText ?? null,
  method: methodOf,
  proto: (context) => context.socket.proto,
  snd_proto: (context) => destination(context)?.proto ?? null,
  to_proto: (context) => destination(context)?.proto ?? null,
};

const addresses: Readonly<Record<string, Get>> = {
  src_ip: (context) => context.sourceAddress,
  dst_ip: (context) => context.socket.address,
  snd_ip: (context) => destination(context)?.socket.address ?? null,
  to_ip: (context) => destination(context)?.address ?? null,
};

const numbers: Readonly<Record<string, Get>> = {
  status: ({ msg }) => (msg.isRequest ? null : msg.statusCode),
  src_port: (context) => context.sourcePort,
  dst_port: (context) => context.socket.port,
  snd_port: (context) => destination(context)?.socket.port ?? null,
  to_port: (context) => destination(context)?.port ?? null,
  af: (context) => familyNumber(context.socket.family),
  snd_af: (context) => familyOf(destination(context)?.address),
  to_af: (context) => familyOf(destination(context)?.address),
  "msg:len": (context) => (context.sending ?? context.msg).text.length,
};

function familyOf(address: string | undefined): number | null {
  if (address === undefined) return null;
  return address.includes(":") ? families.INET6 : families.INET;
}

/** Words whose value does not depend on the message. */
function constantOf(term: CoreTerm): string | number | undefined {
  switch (term.term) {
    case "word":
    case "ip":
      return term.text ?? "";
    case "INET":
      return families.INET;
    case "INET6":
      return families.INET6;
    case "max_len":
      return 65_535;
    default:
      return /^(?:UDP|TCP|TLS|SCTP|WSS?)$/.test(term.term) ? term.term.toLowerCase() : undefined;
  }
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The right side of a comparison: a constant, or evaluated for each message. */
type Side = { readonly constant: string | number } | { readonly get: Get };

const numberTests: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

/** Tells whether an address is that address or within that network; undefined when the text is neither. */
export function networkTest(text: string): ((address: string) => boolean) | undefined {
  const slash = text.indexOf("/");
  const host = (slash < 0 ? text : text.slice(0, slash)).replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version === 0) return undefined;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  if (slash < 0) {
    list.addAddress(host, family);
  } else {
    const bits = prefixLength(text.slice(slash + 1), version);
    if (bits === undefined) return undefined;
    list.addSubnet(host, bits, family);
  }
  if (slash < 0 && version === 4) return (address) => address === host;
  return (address) => list.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

/** `8`, or `255.0.0.0`. */
function prefixLength(text: string, version: number): number | undefined {
  if (/^\d{1,3}$/.test(text)) {
    const bits = Number(text);
    return bits <= (version === 4 ? 32 : 128) ? bits : undefined;
  }
  if (version !== 4 || isIP(text) !== 4) return undefined;
  const mask = text
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(mask) ? mask.lastIndexOf("1") + 1 : undefined;
}

export class CoreTerms {
  readonly #services: Pick<Services, "isMyself">;
  readonly #patterns: RegexCache;

  constructor(services: Pick<Services, "isMyself">, patterns: RegexCache) {
    this.#services = services;
    this.#patterns = patterns;
  }

  /** The value of a word. */
  value({ term, text }: CoreTerm): Get {
    const constant = constantOf({ term, text } as CoreTerm);
    if (constant !== undefined) return () => constant;
    if (term === "uri:host") return (context) => parseUri(context.uri)?.host ?? null;
    if (term === "uri:port") return (context) => parseUri(context.uri)?.effectivePort ?? null;
    const get = lookUp(texts, term) ?? lookUp(addresses, term) ?? lookUp(numbers, term);
    if (get === undefined) throw new LinkProblem(`${term} has no value of its own`);
    return get;
  }

  compare(comparison: Comparison): Test {
    const { left, operator, right } = comparison;
    if (operator === "truth" || right === undefined) {
      const get = this.value(left);
      return (context) => isTrue(get(context));
    }
    if (isTerm(right) && right.term === "myself") return this.#myself(left.term, operator);
    if (left.term === "myself")
      throw new LinkProblem("myself can be compared only with an address or URI");
    const side = this.#side(right);
    if (lookUp(addresses, left.term) !== undefined)
      return this.#address(this.value(left), operator, side);
    const isNumber =
      lookUp(numbers, left.term) !== undefined || left.term === "INET" || left.term === "INET6";
    return isNumber
      ? this.#number(this.value(left), operator, side)
      : this.#text(this.value(left), operator, side);
  }

  #side(right: CoreTerm | Argument<ScriptContext>): Side {
    if (isTerm(right)) {
      const constant = constantOf(right);
      return constant === undefined ? { get: this.value(right) } : { constant };
    }
    if (right.constant !== undefined) return { constant: right.constant };
    const { evaluate } = right;
    if (evaluate === undefined) throw new LinkProblem("a side of this comparison has no value");
    return { get: evaluate };
  }

  #myself(term: string, operator: Operator): Test {
    if (operator !== "==" && operator !== "!=") {
      throw new LinkProblem("myself can be compared only with == and !=");
    }
    const isOwn = this.#ownTest(term);
    return operator === "==" ? isOwn : (context) => !isOwn(context);
  }

  #ownTest(term: string): Test {
    const services = this.#services;
    const address = lookUp(addresses, term);
    if (address !== undefined) {
      return (context) => {
        const host = address(context);
        return typeof host === "string" && services.isMyself(host, 0, undefined);
      };
    }
    if (term === "uri") {
      return (context) => {
        const uri = context.newUri === null ? context.msg.uri : parseUri(context.newUri);
        return isPresent(uri) && services.isMyself(uri.host, uri.effectivePort, undefined);
      };
    }
    if (term === "from_uri" || term === "to_uri") {
      const isFrom = term === "from_uri";
      return ({ msg }) => {
        const uri = (isFrom ? msg.from : msg.to)?.uri;
        return isPresent(uri) && services.isMyself(uri.host, uri.effectivePort, undefined);
      };
    }
    throw new LinkProblem(`${term} cannot be compared with myself`);
  }

  #address(get: Get, operator: Operator, side: Side): Test {
    if (operator === "=~" || operator === "!~") return this.#match(get, operator, side);
    if (operator !== "==" && operator !== "!=") {
      throw new LinkProblem("addresses can be compared only with ==, !=, =~ and !~");
    }
    const isEqual = operator === "==";
    if ("constant" in side) {
      const contains = networkTest(String(side.constant)) ?? (() => false);
      return (context) => {
        const address = get(context);
        return (typeof address === "string" && contains(address)) === isEqual;
      };
    }
    return (context) => {
      const address = get(context);
      const text = operations.str(side.get(context));
      const isSame = address === text || (networkTest(text)?.(operations.str(address)) ?? false);
      return isSame === isEqual;
    };
  }

  #number(get: Get, operator: Operator, side: Side): Test {
    if (operator === "=~" || operator === "!~") return this.#match(get, operator, side);
    const test = lookUp(numberTests, operator);
    if (test === undefined) throw new LinkProblem(`numbers cannot be compared with ${operator}`);
    const fixed = "constant" in side ? toNumber(side.constant) : undefined;
    return (context) => {
      const value = get(context);
      if (typeof value !== "number") return false;
      return test(value, fixed ?? operations.int("get" in side ? side.get(context) : null));
    };
  }

  /** As kamailio: letters in any case. */
  #text(get: Get, operator: Operator, side: Side): Test {
    if (operator === "=~" || operator === "!~") return this.#match(get, operator, side);
    if (operator !== "==" && operator !== "!=") {
      throw new LinkProblem("texts can be compared only with ==, !=, =~ and !~");
    }
    const isEqual = operator === "==";
    const fixed = "constant" in side ? String(side.constant) : undefined;
    return (context) => {
      const text = operations.str(get(context));
      const other = fixed ?? operations.str("get" in side ? side.get(context) : null);
      return (text === other || equalsIgnoreCase(text, other)) === isEqual;
    };
  }

  #match(get: Get, operator: "=~" | "!~", side: Side): Test {
    const isWanted = operator === "=~";
    if ("constant" in side) {
      const pattern = String(side.constant);
      const translation = translateRegex(pattern, { ignoreCase: true });
      if (!translation.ok) {
        throw new LinkProblem(
          `bad regular expression "${pattern}": ${translation.problem.message}`,
        );
      }
      const { regex } = translation;
      return (context) => {
        const value = get(context);
        return value !== null && regex.test(operations.str(value)) === isWanted;
      };
    }
    return (context) => {
      const translation = this.#patterns.get(operations.str(side.get(context)));
      const value = get(context);
      if (value === null || !translation.ok) return false;
      return translation.regex.test(operations.str(value)) === isWanted;
    };
  }
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function isTerm(side: CoreTerm | Argument<ScriptContext>): side is CoreTerm {
  return "kind" in side;
}

function isTrue(value: Value): boolean {
  return typeof value === "string" ? value !== "" : value !== null && value !== 0;
}

function toNumber(constant: string | number): number {
  return typeof constant === "number" ? constant : parseInteger(constant);
}
