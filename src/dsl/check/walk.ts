/** Walks a configuration once and tells every rule what it meets. */
import type { ArgumentSpec } from "../catalog/spec.ts";
import { locateIn, parseFormat, parseVariable } from "../format/format.ts";
import type {
  Call,
  Expression,
  If,
  Item,
  RouteBlock,
  Statement,
  StringLiteral,
  Switch,
  While,
} from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import { chooseForm, evaluatesText } from "./forms.ts";
import { VariableWalker } from "./variables.ts";
import type { Frame, RootUse, Visitor } from "./visitor.ts";

type Inside = "loop" | "switch" | "route";

/** The walk: one pass, all rules. */
export class Walker {
  readonly #context: CheckContext;
  readonly #visitors: readonly Visitor[];
  readonly #variables: VariableWalker;

  constructor(context: CheckContext, visitors: readonly Visitor[]) {
    this.#context = context;
    this.#visitors = visitors;
    this.#variables = new VariableWalker(context, visitors);
  }

  walk(items: readonly Item[]): void {
    items.forEach((item, order) => {
      for (const visitor of this.#visitors) visitor.item?.(item, order);
      if (item.kind === "route") this.#route(item, order);
      else if (item.kind === "modparam") this.#variables.param(item);
      else if (item.kind === "global") this.#variables.global(item);
    });
    for (const visitor of this.#visitors) visitor.finish?.();
  }

  #route(block: RouteBlock, order: number): void {
    const frame = { route: block, order };
    for (const visitor of this.#visitors) visitor.route?.(block, frame);
    this.#list(block.body.statements, frame, "route");
  }

  #list(statements: readonly Statement[], frame: Frame, inside: Inside): void {
    for (const visitor of this.#visitors) visitor.list?.(statements, frame);
    for (const statement of statements) this.#statement(statement, frame, inside);
  }

  #statement(statement: Statement, frame: Frame, inside: Inside): void {
    switch (statement.kind) {
      case "block":
        return this.#list(statement.statements, frame, inside);
      case "if":
        return this.#if(statement, frame, inside);
      case "while":
        return this.#while(statement, frame);
      case "switch":
        return this.#switch(statement, frame);
      case "assign":
        for (const visitor of this.#visitors) visitor.assign?.(statement, frame);
        if (statement.target.kind === "variable") {
          this.#variables.visit(statement.target, "code", "write", frame);
        } else {
          this.#expression(statement.target, frame);
        }
        return this.#root(statement.value, "value", frame);
      case "expression":
        return this.#root(statement.expression, "value", frame);
      case "jump":
        for (const visitor of this.#visitors) visitor.jump?.(statement, frame, inside);
        if (statement.value !== undefined) this.#root(statement.value, "return", frame);
        return;
      case "empty":
        return;
    }
  }

  /** Walks `else if` chains without recursion: they may be long. */
  #if(first: If, frame: Frame, inside: Inside): void {
    let statement: Statement | undefined = first;
    while (statement !== undefined && statement.kind === "if") {
      for (const visitor of this.#visitors) visitor.condition?.(statement, frame);
      this.#root(statement.condition, "condition", frame);
      this.#statement(statement.then, frame, inside);
      statement = statement.otherwise;
    }
    if (statement !== undefined) this.#statement(statement, frame, inside);
  }

  #while(statement: While, frame: Frame): void {
    for (const visitor of this.#visitors) visitor.condition?.(statement, frame);
    this.#root(statement.condition, "loop", frame);
    this.#statement(statement.body, frame, "loop");
  }

  #switch(statement: Switch, frame: Frame): void {
    for (const visitor of this.#visitors) visitor.switch?.(statement, frame);
    this.#root(statement.subject, "subject", frame);
    for (const clause of statement.cases) {
      for (const visitor of this.#visitors) visitor.case?.(clause, statement, frame);
      if (clause.label !== undefined) this.#root(clause.label, "label", frame);
      this.#list(clause.statements, frame, "switch");
    }
  }

  #root(expression: Expression, use: RootUse, frame: Frame): void {
    for (const visitor of this.#visitors) visitor.root?.(expression, use, frame);
    this.#expression(expression, frame);
  }

  /** Walks left sides without recursion: concatenations may be long. */
  #expression(first: Expression, frame: Frame): void {
    let expression = first;
    const rights: Expression[] = [];
    for (;;) {
      for (const visitor of this.#visitors) visitor.expression?.(expression, frame);
      if (expression.kind !== "binary") break;
      rights.push(expression.right);
      expression = expression.left;
    }
    this.#leaf(expression, frame);
    for (const right of rights.reverse()) this.#expression(right, frame);
  }

  #leaf(expression: Expression, frame: Frame): void {
    switch (expression.kind) {
      case "variable":
        return this.#variables.visit(expression, "code", "read", frame);
      case "unary":
      case "cast":
        return this.#expression(expression.operand, frame);
      case "call":
        return this.#call(expression, frame);
      case "routeCall":
        for (const visitor of this.#visitors) visitor.routeCall?.(expression, frame);
        if (expression.target.kind !== "core") {
          this.#argument(expression.target, "route", frame);
        }
        for (const argument of expression.args) this.#argument(argument, "fmt", frame);
        return;
      default:
    }
  }

  #call(call: Call, frame: Frame): void {
    const found = this.#context.names.loaded.functions.get(call.name.text);
    const form = found === undefined ? undefined : chooseForm(found.spec, call.args.length);
    for (const visitor of this.#visitors) visitor.call?.({ call, frame, found, form });
    call.args.forEach((argument, index) => {
      this.#argument(argument, form?.[index]?.kind, frame);
    });
  }

  #argument(argument: Expression, kind: ArgumentSpec["kind"] | undefined, frame: Frame): void {
    if (argument.kind !== "string") return this.#root(argument, "argument", frame);
    for (const visitor of this.#visitors) visitor.expression?.(argument, frame);
    if (kind === undefined || !argument.value.includes("$")) return;
    if (kind === "var") this.#variableArgument(argument, frame);
    else if (kind === "subst") this.#variables.substitution(argument, frame);
    else if (evaluatesText(kind)) this.#text(argument, frame, !kind.startsWith("regex"));
  }

  #variableArgument(argument: StringLiteral, frame: Frame): void {
    const variable = parseVariable(argument.value, locateIn(argument));
    if (variable !== undefined) this.#variables.visit(variable, "text", "read", frame);
  }

  #text(literal: StringLiteral, frame: Frame, isStrict: boolean): void {
    const locate = locateIn(literal);
    for (const part of parseFormat(literal.value, locate)) {
      if (part.kind === "variable") {
        this.#variables.visit(part.variable, "text", "read", frame);
      } else if (part.kind === "problem" && isStrict) {
        const span = locate(part.start, part.end);
        for (const visitor of this.#visitors) visitor.badText?.(part, span);
      }
    }
  }
}
