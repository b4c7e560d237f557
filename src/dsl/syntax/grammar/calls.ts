/** Chapter "Core functions" and "Route calls": what is called, with its arguments. */
import type { Call, CoreTerm, Expression, RouteCall } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import { AnyNumber, Word } from "../tokens/categories.ts";
import { DoubleQuoted, IPv4, IPv6, NumberedName, SingleQuoted } from "../tokens/literals.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { ExpressionGrammar } from "./expressions.ts";

/** Core functions that Kamailio also takes without parentheses. */
const BARE_CALLS: ReadonlySet<string> = new Set([
  "force_rport",
  "add_rport",
  "add_local_rport",
  "force_tcp_alias",
  "add_tcp_alias",
  "revert_uri",
  "set_forward_no_connect",
  "set_reply_no_connect",
  "set_forward_close",
  "set_reply_close",
]);

/** Core functions whose arguments may be names of flags. */
const FLAG_CALLS: ReadonlySet<string> = new Set([
  "setflag",
  "resetflag",
  "isflagset",
  "setavpflag",
  "resetavpflag",
  "isavpflagset",
]);

/** Core functions whose arguments may be addresses, host names and parts of the request URI. */
const ADDRESS_CALLS: ReadonlySet<string> = new Set([
  "forward",
  "forward_udp",
  "forward_tcp",
  "forward_tls",
  "forward_sctp",
  "force_send_socket",
  "set_advertised_address",
  "udp_mtu_try_proto",
]);

export abstract class CallGrammar extends ExpressionGrammar {
  // call = name ["(" [argument] { "," argument } ")"]
  readonly call = this.RULE("call", (): Call => {
    const first = this.CONSUME(words.Identifier) as ConfigToken;
    this.ACTION(() => this.#refuseBareName(first));
    const args: Expression[] = [];
    this.OPTION(() => {
      const open = this.CONSUME(signs.LParen) as ConfigToken;
      this.deeper(open, () => this.SUBRULE(this.args, { ARGS: [args, first.image] }));
      this.close(1, signs.RParen, open);
    });
    const name = { text: first.image, span: this.place(first) };
    return { kind: "call", span: this.since(first), name, args };
  });

  #refuseBareName(name: ConfigToken): void {
    if (this.nextIs(signs.LParen) || BARE_CALLS.has(name.image)) return;
    const message = `'${name.image}' is neither defined nor called with '('`;
    this.fault("E218", message, this.place(name), {
      help: "texts stand in quotes; a name without quotes has to be set with #!define",
    });
  }

  // Kamailio takes a comma before the first argument, too.
  readonly args = this.RULE("args", (list: Expression[] = [], name: string = ""): void => {
    this.OPTION(() => list.push(this.SUBRULE(this.argument, { ARGS: [name] })));
    this.MANY(() => {
      this.CONSUME(signs.Comma);
      list.push(this.SUBRULE2(this.argument, { ARGS: [name] }));
    });
  });

  readonly argument = this.RULE("argument", (name: string = ""): Expression =>
    this.OR<Expression>({
      DEF: [
        {
          GATE: () => ADDRESS_CALLS.has(name) && this.#isAddressArgument(),
          ALT: () => this.SUBRULE(this.addressArgument),
        },
        {
          GATE: () => FLAG_CALLS.has(name) && this.#isWordAlone(),
          ALT: () => this.wordTerm(this.CONSUME(Word) as ConfigToken),
        },
        { ALT: () => this.SUBRULE(this.expression) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  #isWordAlone(): boolean {
    return this.nextIs(signs.Comma, 2) || this.nextIs(signs.RParen, 2);
  }

  /** A number or a string alone is an ordinary argument. */
  #isAddressArgument(): boolean {
    const isOrdinary =
      this.nextIsKind(AnyNumber) || this.nextIs(DoubleQuoted) || this.nextIs(SingleQuoted);
    return !(isOrdinary && this.#isWordAlone());
  }

  // address argument = uri:host | uri:port | [protocol ":"] (address | host | string) [":" port]
  readonly addressArgument = this.RULE("addressArgument", (): CoreTerm => {
    const first = this.next();
    let text = "";
    let count = 0;
    this.AT_LEAST_ONE(() => {
      const token = this.OR([
        { ALT: () => this.CONSUME(words.UriPart) },
        { ALT: () => this.CONSUME(Word) },
        { ALT: () => this.CONSUME(AnyNumber) },
        { ALT: () => this.CONSUME(NumberedName) },
        { ALT: () => this.CONSUME(IPv4) },
        { ALT: () => this.CONSUME(IPv6) },
        { ALT: () => this.CONSUME(signs.LBracket) },
        { ALT: () => this.CONSUME(signs.RBracket) },
        { ALT: () => this.CONSUME(signs.Dot) },
        { ALT: () => this.CONSUME(signs.Minus) },
        { ALT: () => this.CONSUME(signs.Colon) },
        { ALT: () => this.CONSUME(signs.Star) },
        { ALT: () => this.CONSUME(DoubleQuoted) },
        { ALT: () => this.CONSUME(SingleQuoted) },
      ]) as ConfigToken;
      this.ACTION(() => {
        const isString = token.tokenType === DoubleQuoted || token.tokenType === SingleQuoted;
        text += isString ? this.textOf(token) : token.image;
        count += 1;
      });
    });
    if (count === 1 && first.tokenType === words.UriPart) {
      return { kind: "core", span: this.place(first), term: text };
    }
    if (count === 1 && first.tokenType === IPv4) {
      return { kind: "core", span: this.place(first), term: "ip", text };
    }
    if (count === 1 && first.tokenType === words.ProtocolWord) return this.wordTerm(first);
    return { kind: "core", span: this.since(first), term: "word", text };
  });

  // route call = "route" "(" (name | expression) { "," expression } ")"
  readonly routeCall = this.RULE("routeCall", (): RouteCall => {
    const first = this.CONSUME(words.Route) as ConfigToken;
    const open = this.CONSUME(signs.LParen) as ConfigToken;
    const target = this.OR<Expression>({
      DEF: [
        {
          GATE: () => !this.nextIs(signs.LParen, 2),
          ALT: () => this.wordTerm(this.CONSUME(Word) as ConfigToken),
        },
        { ALT: () => this.deeper(open, () => this.SUBRULE(this.expression)) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    const args: Expression[] = [];
    this.MANY(() => {
      this.CONSUME(signs.Comma);
      args.push(this.deeper(open, () => this.SUBRULE2(this.expression)));
    });
    this.close(1, signs.RParen, open);
    return { kind: "routeCall", span: this.since(first), target, args };
  });
}
