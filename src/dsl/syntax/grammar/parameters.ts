/** Chapters "Core parameters" and "Custom global parameters", and declarations of flags. */
import type {
  AvpFlagsDeclaration,
  CustomGlobal,
  FlagsDeclaration,
  GlobalAssign,
  GlobalValue,
  Name,
  SocketValue,
} from "../ast.ts";
import { didYouMean } from "../../diagnostics/did-you-mean.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import { AnyNumber, Protocol, Word } from "../tokens/categories.ts";
import { DoubleQuoted, IPv4, SingleQuoted } from "../tokens/literals.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { nameToken } from "./fault.ts";
import { RouteGrammar } from "./routes.ts";

/** Parameters with any number of sockets behind their `=`. */
const SOCKET_LISTS: ReadonlySet<string> = new Set(["listen", "alias", "domain"]);
/** Parameters with one address. */
const ADDRESSES: ReadonlySet<string> = new Set([
  "advertised_address",
  "tcp_source_ipv4",
  "tcp_source_ipv6",
]);

/** Misspelt, these are no further addresses. */
const ITEM_WORDS = ["loadmodule", "loadmodulex", "modparam", "modparamx", "loadpath"];

/** What may follow the sockets of a `listen`. */
interface ListenSuffix {
  advertise?: { readonly host: string; readonly port?: number };
  socketName?: string;
  isVirtual?: boolean;
}

export abstract class ParameterGrammar extends RouteGrammar {
  // global = name "=" (sockets | value)
  readonly globalAssign = this.RULE("globalAssign", (): GlobalAssign => {
    const first = this.CONSUME(Word) as ConfigToken;
    this.CONSUME(signs.Equal);
    this.ACTION(() => this.#refuseNextLine());
    const name = { text: first.image, span: this.place(first) };
    const values = this.OR<GlobalValue[]>({
      DEF: [
        { GATE: () => SOCKET_LISTS.has(first.image), ALT: () => this.SUBRULE(this.socketList) },
        { GATE: () => ADDRESSES.has(first.image), ALT: () => [this.SUBRULE(this.socket)] },
        { ALT: () => [this.SUBRULE(this.globalValue)] },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    return { kind: "global", span: this.since(first), name, values };
  });

  /** On the next line may stand a value, but not what begins something else. */
  #refuseNextLine(): void {
    if (!this.startsLine()) return;
    const isOther =
      this.atItem() ||
      (this.nextIsKind(Word) && (this.nextIs(signs.Equal, 2) || this.nextIs(signs.Dot, 2)));
    if (isOther) this.fault("E201", "expected a value here", this.behind());
  }

  // value = ["-"] number | string | name | IPv4
  readonly globalValue = this.RULE("globalValue", (): GlobalValue =>
    this.OR<GlobalValue>([
      {
        ALT: () => {
          const { span, value } = this.SUBRULE(this.signedNumber) ?? { span: undefined, value: 0 };
          return { kind: "int", value, span };
        },
      },
      {
        ALT: () => {
          const { span, value } = this.SUBRULE(this.string) ?? { span: undefined, value: "" };
          return { kind: "string", value, span };
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(Word) as ConfigToken;
          return { kind: "id", value: token.image, span: this.place(token) };
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(IPv4) as ConfigToken;
          return { kind: "id", value: this.ipv4(token), span: this.place(token) };
        },
      },
    ]),
  );

  // sockets = socket { socket } ["advertise" host [":" port]] ["name" string] ["virtual"]
  readonly socketList = this.RULE("socketList", (): SocketValue[] => {
    const sockets: SocketValue[] = [];
    this.AT_LEAST_ONE({
      GATE: () => sockets.length === 0 || !this.#startsSomethingElse(),
      DEF: () => {
        const first = this.next();
        const isLoneWord = this.startsLine() && this.nextIs(words.Identifier);
        const socket = this.SUBRULE(this.socket);
        this.ACTION(() => {
          if (isLoneWord && sockets.length > 0 && this.LA(0) === first) {
            const message = `'${first.image}' is one more address for the line before`;
            this.report.add("W225", message, this.place(first));
          }
        });
        sockets.push(socket);
      },
    });
    const suffix = this.SUBRULE(this.listenSuffix);
    return this.ACTION(() =>
      Object.keys(suffix).length === 0
        ? sockets
        : sockets.map((socket) => ({ ...socket, ...suffix })),
    );
  });

  /** Whether the list of sockets is over, although a name follows. */
  #startsSomethingElse(): boolean {
    const { tokenType } = this.LA(1);
    if (
      tokenType === words.Advertise ||
      tokenType === words.NameWord ||
      tokenType === words.Virtual
    ) {
      return true;
    }
    if (!this.nextIsKind(Word)) return false;
    if (this.startsLine() && didYouMean(this.next().image, ITEM_WORDS) !== undefined) return true;
    if (this.nextIs(signs.Equal, 2) || this.nextIs(signs.LBracket, 2)) return true;
    return this.nextIs(signs.Dot, 2) && this.nextIs(signs.Equal, 4);
  }

  readonly listenSuffix = this.RULE("listenSuffix", (): ListenSuffix => {
    const suffix: ListenSuffix = {};
    this.OPTION(() => {
      this.CONSUME(words.Advertise);
      const socket = this.SUBRULE(this.socket);
      this.ACTION(() => {
        const host = socket.hosts[0] ?? "";
        suffix.advertise = socket.port === undefined ? { host } : { host, port: socket.port };
      });
    });
    this.OPTION2(() => {
      this.CONSUME(words.NameWord);
      suffix.socketName = this.SUBRULE(this.string)?.value ?? "";
    });
    this.OPTION3(() => {
      this.CONSUME(words.Virtual);
      suffix.isVirtual = true;
    });
    return suffix;
  });

  // socket = [(protocol | "*") ":"] hosts [":" (number | "*")]
  readonly socket = this.RULE("socket", (): SocketValue => {
    const first = this.next();
    let proto: string | undefined;
    this.OPTION({
      GATE: () => this.nextIs(signs.Colon, 2),
      DEF: () => {
        this.OR([
          {
            ALT: () => {
              proto = this.CONSUME(Protocol).image.toLowerCase();
            },
          },
          { ALT: () => this.CONSUME(signs.Star) },
        ]);
        this.CONSUME(signs.Colon);
      },
    });
    const hosts = this.SUBRULE(this.hosts);
    let port: number | undefined;
    this.OPTION2(() => {
      this.CONSUME2(signs.Colon);
      port = this.SUBRULE(this.port);
    });
    return {
      kind: "socket",
      span: this.since(first),
      ...(proto === undefined ? {} : { proto }),
      hosts,
      ...(port === undefined ? {} : { port }),
    };
  });

  // hosts = host | "(" host { "," host } ")"
  readonly hosts = this.RULE("hosts", (): string[] =>
    this.OR([
      { ALT: () => [this.SUBRULE(this.socketHost)] },
      {
        ALT: () => {
          const open = this.CONSUME(signs.LParen) as ConfigToken;
          const list: string[] = [];
          this.AT_LEAST_ONE_SEP({
            SEP: signs.Comma,
            DEF: () => list.push(this.SUBRULE2(this.socketHost)),
          });
          this.close(1, signs.RParen, open);
          return list;
        },
      },
    ]),
  );

  readonly socketHost = this.RULE("socketHost", (): string => {
    const isBracketed = this.nextIs(signs.LBracket);
    return this.OR([
      { ALT: () => this.SUBRULE(this.string)?.value ?? "" },
      {
        ALT: () => {
          const text = this.SUBRULE(this.address);
          return isBracketed ? `[${text}]` : text;
        },
      },
      { ALT: () => this.SUBRULE(this.host) },
    ]);
  });

  readonly port = this.RULE("port", (): number | undefined =>
    this.OR<number | undefined>([
      {
        ALT: () => {
          const token = this.CONSUME(AnyNumber) as ConfigToken;
          return this.ACTION(() => this.numberFrom(token, false, spanOf(token)).value);
        },
      },
      {
        ALT: () => {
          this.CONSUME(signs.Star);
          return undefined;
        },
      },
    ]),
  );

  // custom = name ["[" number "]"] "." name "=" (number | string) ["desc" string]
  readonly customGlobal = this.RULE("customGlobal", (): CustomGlobal => {
    const first = this.next();
    const group = this.SUBRULE(this.customName);
    let instance: number | undefined;
    this.OPTION(() => {
      const open = this.CONSUME(signs.LBracket) as ConfigToken;
      instance = this.SUBRULE(this.numberLiteral)?.value;
      this.close(1, signs.RBracket, open);
    });
    this.CONSUME(signs.Dot);
    const name = this.SUBRULE2(this.customName);
    this.CONSUME(signs.Equal);
    const value = this.SUBRULE(this.customValue);
    let description: string | undefined;
    this.OPTION2(() => {
      this.CONSUME(words.Description);
      description = this.SUBRULE(this.string)?.value;
    });
    return {
      kind: "custom",
      span: this.since(first),
      group,
      ...(instance === undefined ? {} : { instance }),
      name,
      value,
      ...(description === undefined ? {} : { description }),
    };
  });

  readonly customName = this.RULE("customName", (): Name => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Word) },
      { ALT: () => this.CONSUME(words.Default) },
    ]) as ConfigToken;
    return { text: token.image, span: this.place(token) };
  });

  readonly customValue = this.RULE("customValue", (): number | string =>
    this.OR<number | string>([
      { ALT: () => this.SUBRULE(this.numberLiteral)?.value ?? 0 },
      { ALT: () => this.SUBRULE(this.string)?.value ?? "" },
    ]),
  );

  // flags = "flags" name [":" number] { "," name [":" number] }
  readonly flags = this.RULE("flags", (): FlagsDeclaration => {
    const first = this.CONSUME(words.Flags) as ConfigToken;
    const flags: { name: Name; position?: number }[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: signs.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.flagName);
        let position: number | undefined;
        this.OPTION(() => {
          this.CONSUME(signs.Colon);
          position = this.SUBRULE(this.numberLiteral)?.value;
        });
        flags.push(position === undefined ? { name } : { name, position });
      },
    });
    this.ACTION(() => {
      if (this.nextIsKind(Word) && !this.startsLine()) {
        const message = `expected ',' between flags, not ${nameToken(this.next())}`;
        this.fault("E201", message, this.place(this.LA(1)));
      }
    });
    return { kind: "flags", span: this.since(first), flags };
  });

  // avpflags = "avpflags" name { "," name }
  readonly avpFlags = this.RULE("avpFlags", (): AvpFlagsDeclaration => {
    const first = this.CONSUME(words.AvpFlags) as ConfigToken;
    const names: Name[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: signs.Comma,
      DEF: () => names.push(this.SUBRULE(this.flagName)),
    });
    return { kind: "avpflags", span: this.since(first), names };
  });

  readonly flagName = this.RULE("flagName", (): Name => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Word) },
      { ALT: () => this.CONSUME(DoubleQuoted) },
      { ALT: () => this.CONSUME(SingleQuoted) },
    ]) as ConfigToken;
    return this.ACTION(() => ({
      text: this.nameText(token),
      span: spanOf(token),
    }));
  });

  /** The text of a name that may be written as a string. */
  protected nameText(token: ConfigToken): string {
    const isString = token.tokenType === DoubleQuoted || token.tokenType === SingleQuoted;
    return isString ? this.textOf(token) : token.image;
  }
}
