/** Chapter "Routing blocks": routes and their names. */
import type { Name, RouteBlock, RouteKind } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import { spanOf } from "../string-literal.ts";
import { AnyNumber, RouteKeyword, Word } from "../tokens/categories.ts";
import { DoubleQuoted, EventName, SingleQuoted } from "../tokens/literals.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { nameToken } from "./fault.ts";
import { StatementGrammar } from "./statements.ts";

const KINDS: Readonly<Record<string, RouteKind>> = {
  route: "request",
  request_route: "request",
  failure_route: "failure",
  branch_route: "branch",
  onsend_route: "onsend",
  error_route: "error",
  startup_route: "startup",
  event_route: "event",
};

function kindOf(keyword: string, name: string): RouteKind {
  if (keyword === "reply_route" || keyword === "onreply_route")
    return name === "0" ? "onreply" : "reply";
  return KINDS[keyword] ?? "request";
}

export abstract class RouteGrammar extends StatementGrammar {
  // route block = keyword ["[" name "]"] block
  readonly routeBlock = this.RULE("routeBlock", (): RouteBlock => {
    const first = this.OR([
      { ALT: () => this.CONSUME(RouteKeyword) },
      { ALT: () => this.CONSUME(words.EventRoute) },
    ]) as ConfigToken;
    this.ACTION(() => {
      this.beginRoute();
      this.#checkKeyword(first);
    });
    let name: Name | undefined;
    this.OPTION(() => {
      const open = this.CONSUME(signs.LBracket) as ConfigToken;
      name = this.SUBRULE(this.routeName);
      this.ACTION(() => {
        if (first.tokenType === words.EventRoute && name?.text.includes(":") === false) {
          this.report.add("E201", "an event is named module:event", name.span);
        }
      });
      this.close(1, signs.RBracket, open);
    });
    const body = this.SUBRULE(this.block);
    const keyword = first.image;
    const named = name ?? { text: "0", span: this.place(first) };
    return {
      kind: "route",
      span: this.since(first),
      route: kindOf(keyword, named.text),
      name: named,
      keyword,
      body,
    };
  });

  #checkKeyword(first: ConfigToken): void {
    const { tokenType, image } = first;
    const place = this.place(first);
    if (tokenType === words.ErrorRoute || tokenType === words.StartupRoute) {
      this.report.add("E217", `there is no ${image}`, place);
    } else if (tokenType === words.EventRoute && !this.nextIs(signs.LBracket)) {
      this.fault("E201", `event_route needs the name of an event in brackets`, place);
    } else if (tokenType === words.RequestRoute && this.nextIs(signs.LBracket)) {
      this.fault("E201", "request_route takes no name", this.place(this.LA(1)), {
        help: "a route with a name is written route[NAME]",
      });
    }
  }

  // name = name | number | string | event name
  readonly routeName = this.RULE("routeName", (): Name => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Word) },
      { ALT: () => this.CONSUME(AnyNumber) },
      { ALT: () => this.CONSUME(DoubleQuoted) },
      { ALT: () => this.CONSUME(SingleQuoted) },
      { ALT: () => this.CONSUME(EventName) },
    ]) as ConfigToken;
    return this.ACTION(() => {
      const span = spanOf(token);
      const isString = token.tokenType === DoubleQuoted || token.tokenType === SingleQuoted;
      const isNumber = this.#isNumber(token);
      const text = isString
        ? this.textOf(token)
        : isNumber
          ? String(this.numberFrom(token, false, span).value)
          : token.image;
      if (!this.nextIs(signs.RBracket) && !this.nextIs(signs.LCurly)) {
        const message = `a name of a route has letters, digits and '_' only, not ${nameToken(this.next())}`;
        this.fault("E201", message, this.place(this.LA(1)), { help: "put the name into quotes" });
      }
      return { text, span };
    });
  });

  #isNumber(token: ConfigToken): boolean {
    return token.tokenType.CATEGORIES?.includes(AnyNumber) === true;
  }
}
