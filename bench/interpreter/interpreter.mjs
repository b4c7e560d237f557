/**
 * Runs a configuration by walking its tree: what an engine without a compiler would do. The functions, variables and patterns are
 * those of the product; only the walking is here. Functions that wait are not supported: nobody in the benchmark does.
 */
import { Preparer } from "./prepare.mjs";

/** How a route goes on after a statement. */
const goesOn = 0;
const returns = 1;
const breaks = 2;
const noMatchCode = -5;

export class Interpreter {
  /** Statements that were run; blocks do not count. */
  statements = 0;
  #state = goesOn;
  #routes = new Map();
  #operations;
  #maxLoops;

  /** `parts` as for `Preparer`, and the compiler's `operations`. */
  constructor(config, parts) {
    this.#operations = parts.operations;
    this.#maxLoops = parts.linker.maxWhileLoops;
    const preparer = new Preparer(parts, this);
    for (const item of config.items) {
      if (item.kind !== "route" || item.route !== "request" || this.#routes.has(item.name.text))
        continue;
      this.#routes.set(item.name.text, preparer.statements(item.body.statements));
    }
  }

  /** Runs `request_route`; its code. */
  run(context) {
    return this.#route("0", context);
  }

  #route(name, context) {
    const statements = this.#routes.get(name);
    if (statements === undefined) throw new Error(`no route ${name}`);
    const code = this.#list(statements, context);
    this.#state = goesOn;
    return context.stop === 0 ? code : 0;
  }

  #list(statements, context) {
    let code = 1;
    for (let i = 0; i < statements.length; i++) {
      code = this.#statement(statements[i], context);
      if (context.stop !== 0) return 0;
      if (this.#state !== goesOn) return code;
    }
    return code;
  }

  #statement(node, context) {
    if (node.kind === "block") return this.#list(node.statements, context);
    this.statements++;
    switch (node.kind) {
      case "if":
        if (this.#condition(node.condition, context))
          return this.#statement(node.whenTrue, context);
        if (context.stop !== 0) return 0;
        return node.whenFalse === null ? 1 : this.#statement(node.whenFalse, context);
      case "expression":
        return this.#expressionStatement(node.expression, context);
      case "assign":
        node.variable.set(context, this.value(node.value, context));
        return 1;
      case "exit":
        return this.#operations.end(context);
      case "drop":
        return this.#operations.drop(context);
      case "break":
        this.#state = breaks;
        return 0;
      case "return":
        this.#state = returns;
        return node.value === null
          ? 1
          : this.#operations.leave(context, this.int(node.value, context));
      case "while":
        return this.#while(node, context);
      case "switch":
        return this.#switch(node, context);
      default:
        throw new Error(`no statement: ${node.kind}`);
    }
  }

  #expressionStatement(node, context) {
    if (node.kind === "call" || node.kind === "route") return this.#code(node, context, false);
    return this.int(node, context);
  }

  #while(node, context) {
    let code = 1;
    for (let round = 0; this.test(node.condition, context); round++) {
      if (context.stop !== 0 || round >= this.#maxLoops) return context.stop === 0 ? -1 : 0;
      code = this.#statement(node.body, context);
      if (this.#state === returns || context.stop !== 0) return code;
      if (this.#state === breaks) {
        this.#state = goesOn;
        return 0;
      }
    }
    return code;
  }

  #switch(node, context) {
    const { cases, isInteger } = node;
    const subject = isInteger ? this.int(node.subject, context) : this.text(node.subject, context);
    let at = cases.findIndex(({ isDefault, regex, value }) => {
      if (isDefault) return false;
      if (regex !== null) return regex.test(subject);
      return subject === (isInteger ? this.int(value, context) : this.text(value, context));
    });
    if (at < 0) at = cases.findIndex((each) => each.isDefault);
    if (at < 0) return noMatchCode;
    let code = noMatchCode;
    for (; at < cases.length; at++) {
      const { statements } = cases[at];
      if (statements.length > 0) code = this.#list(statements, context);
      if (this.#state === returns || context.stop !== 0) return code;
      if (this.#state === breaks) {
        this.#state = goesOn;
        return 0;
      }
    }
    return code;
  }

  #code(node, context, isValue) {
    if (node.kind === "route") {
      const name = this.text(node.target, context);
      return (context.rc = this.#route(name, context));
    }
    const code = node.run(context);
    if (typeof code !== "number") throw new Error("a function wants to wait");
    if (!node.isCore) return this.#operations.ran(context, code);
    return isValue
      ? this.#operations.ranCoreValue(context, code)
      : this.#operations.ranCore(context, code);
  }

  #condition(node, context) {
    switch (node.kind) {
      case "constant":
      case "rc":
      case "variable":
        return this.int(node, context) > 0;
      default:
        return this.test(node, context);
    }
  }

  /** Whether an expression is not 0. */
  test(node, context) {
    switch (node.kind) {
      case "call":
      case "route":
        return this.#code(node, context, true) > 0;
      case "test":
      case "core":
        return node.test(context);
      case "match":
        return node.regex.test(this.text(node.text, context)) === node.isWanted;
      case "isNull":
        return (this.value(node.operand, context) === null) === node.isWanted;
      case "unary":
        if (node.operator === "!") return !this.test(node.operand, context);
        if (node.operator === "strempty") return this.text(node.operand, context) === "";
        if (node.operator === "defined") return this.value(node.operand, context) !== null;
        return this.int(node, context) !== 0;
      case "binary":
        return this.#binaryTest(node, context);
      default:
        return this.int(node, context) !== 0;
    }
  }

  // One place for all operators, as interpreters have it.
  // oxlint-disable-next-line complexity
  #binaryTest(node, context) {
    const { left, right } = node;
    switch (node.operator) {
      case "&&":
        return this.test(left, context) && context.stop === 0 && this.test(right, context);
      case "||":
        return this.test(left, context) || (context.stop === 0 && this.test(right, context));
      case "==":
        return this.#operations.equals(this.value(left, context), this.value(right, context));
      case "!=":
        return !this.#operations.equals(this.value(left, context), this.value(right, context));
      case "eq":
        return this.text(left, context) === this.text(right, context);
      case "ne":
        return this.text(left, context) !== this.text(right, context);
      case "ieq":
        return this.int(left, context) === this.int(right, context);
      case "ine":
        return this.int(left, context) !== this.int(right, context);
      case "<":
        return this.int(left, context) < this.int(right, context);
      case ">":
        return this.int(left, context) > this.int(right, context);
      case "<=":
        return this.int(left, context) <= this.int(right, context);
      case ">=":
        return this.int(left, context) >= this.int(right, context);
      default:
        return this.int(node, context) !== 0;
    }
  }

  /** An expression as string, number or null. */
  value(node, context) {
    switch (node.kind) {
      case "constant":
        return node.value;
      case "rc":
        return context.rc;
      case "variable":
        return node.variable.get(context);
      case "getter":
      case "core":
        return node.get(context);
      case "call":
      case "route":
        return this.#code(node, context, true);
      case "cast":
        return node.type === "int"
          ? this.int(node.operand, context)
          : this.text(node.operand, context);
      case "binary":
        if (node.operator !== "+") return this.int(node, context);
        return this.#operations.plus(
          this.value(node.left, context),
          this.value(node.right, context),
        );
      default:
        return this.int(node, context);
    }
  }

  text(node, context) {
    return this.#operations.str(this.value(node, context));
  }

  int(node, context) {
    switch (node.kind) {
      case "call":
      case "route":
        return this.#code(node, context, true) > 0 ? 1 : 0;
      case "test":
      case "match":
      case "isNull":
        return this.test(node, context) ? 1 : 0;
      case "unary":
        return this.#unary(node, context);
      case "binary":
        return this.#arithmetic(node, context);
      default:
        return this.#operations.int(this.value(node, context));
    }
  }

  #unary(node, context) {
    switch (node.operator) {
      case "-":
        return -this.int(node.operand, context) | 0;
      case "~":
        return ~this.int(node.operand, context);
      case "strlen":
        return this.text(node.operand, context).length;
      case "+":
        return this.int(node.operand, context);
      default:
        return this.test(node, context) ? 1 : 0;
    }
  }

  #arithmetic(node, context) {
    const { operator, left, right } = node;
    switch (operator) {
      case "+":
        return this.#operations.int(this.value(node, context));
      case "-":
        return (this.int(left, context) - this.int(right, context)) | 0;
      case "*":
        return Math.imul(this.int(left, context), this.int(right, context));
      case "/":
      case "%": {
        const divisor = this.int(right, context);
        if (divisor === 0) throw new Error("division by zero");
        const dividend = this.int(left, context);
        return (operator === "/" ? dividend / divisor : dividend % divisor) | 0;
      }
      case "&":
        return this.int(left, context) & this.int(right, context);
      case "|":
        return this.int(left, context) | this.int(right, context);
      case "^":
        return this.int(left, context) ^ this.int(right, context);
      case "<<":
        return this.int(left, context) << this.int(right, context);
      case ">>":
        return this.int(left, context) >> this.int(right, context);
      default:
        return this.#binaryTest(node, context) ? 1 : 0;
    }
  }
}
