/**
 * Makes the tree of a configuration ready to be walked: constants folded, functions, variables and patterns bound through the same
 * linker that compiled programs use. What is left for each message is walking.
 */

const returnCodes = new Set(["rc", "retcode", "?"]);
const mirrored = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };
const plainOperators = { eq: "==", ieq: "==", ne: "!=", ine: "!=" };

const isReturnCode = (node) =>
  returnCodes.has(node.name) && node.inner === undefined && node.transformations.length === 0;
const isNull = (node) => node.kind === "variable" && node.name === "null";

export class Preparer {
  /** `parts`: the compiler's `fold`, `wireText` and `comparedValue`, its function table, and a linker. */
  constructor(parts, interpreter) {
    this.parts = parts;
    this.interpreter = interpreter;
  }

  statements(list) {
    return list.filter((one) => one.kind !== "empty").map((one) => this.statement(one));
  }

  statement(node) {
    switch (node.kind) {
      case "block":
        return { kind: "block", statements: this.statements(node.statements) };
      case "if":
        return {
          kind: "if",
          condition: this.expression(node.condition),
          whenTrue: this.statement(node.then),
          whenFalse: node.otherwise === undefined ? null : this.statement(node.otherwise),
        };
      case "while":
        return {
          kind: "while",
          condition: this.expression(node.condition),
          body: this.statement(node.body),
        };
      case "switch":
        return this.#switch(node);
      case "assign":
        return this.#assign(node);
      case "jump": {
        const value = node.value === undefined ? null : this.expression(node.value);
        return { kind: node.jump, value };
      }
      case "expression":
        return { kind: "expression", expression: this.expression(node.expression) };
      default:
        throw new Error(`no statement: ${node.kind}`);
    }
  }

  #switch(node) {
    const { fold, wireText, linker } = this.parts;
    const labels = node.cases.map(({ label }) => (label === undefined ? undefined : fold(label)));
    const isInteger = node.cases.every((each, i) => !each.isRegex && labels[i]?.kind !== "string");
    const cases = node.cases.map((each, i) => ({
      isDefault: labels[i] === undefined,
      value: labels[i] === undefined ? null : this.expression(labels[i]),
      regex: each.isRegex
        ? linker.regex(wireText(String(labels[i].value)), false, each.span)
        : null,
      statements: this.statements(each.statements),
    }));
    return { kind: "switch", subject: this.expression(node.subject), isInteger, cases };
  }

  #assign({ target, operator, value, span }) {
    if (target.kind === "select") throw new Error("a select is assigned to");
    const sum = {
      kind: "binary",
      span,
      operatorSpan: span,
      operator: operator[0],
      left: target,
      right: value,
    };
    const whole = operator === "=" || operator === ":=" ? value : sum;
    return {
      kind: "assign",
      variable: this.parts.linker.variable(target),
      value: this.expression(whole),
    };
  }

  expression(raw) {
    const { fold, wireText, linker } = this.parts;
    const node = fold(raw);
    switch (node.kind) {
      case "number":
        return { kind: "constant", value: node.value };
      case "string":
        return { kind: "constant", value: wireText(node.value) };
      case "variable":
        return isReturnCode(node)
          ? { kind: "rc" }
          : { kind: "variable", variable: linker.variable(node) };
      case "select":
        return { kind: "getter", get: linker.select(node) };
      case "core":
        return {
          kind: "core",
          get: linker.core(node),
          test: linker.compare({ left: node, operator: "truth", span: node.span }),
        };
      case "call":
        return this.#call(node);
      case "routeCall":
        return { kind: "route", target: this.expression(node.target) };
      case "cast":
        return { kind: "cast", type: node.type, operand: this.expression(node.operand) };
      case "unary":
        return { kind: "unary", operator: node.operator, operand: this.expression(node.operand) };
      case "binary":
        return this.#binary(node);
      default:
        throw new Error(`no expression: ${node.kind}`);
    }
  }

  /** An argument: a constant as it is, the rest walked for each message. */
  #argument(raw, spec) {
    const { fold, wireText } = this.parts;
    const node = fold(raw);
    const base = { spec, span: raw.span };
    if (node.kind === "number") return { ...base, constant: node.value };
    if (node.kind === "string") return { ...base, constant: wireText(node.value) };
    if (node.kind === "core") return { ...base, constant: node.text ?? node.term };
    const prepared = this.expression(node);
    const evaluate = (context) => this.interpreter.value(prepared, context);
    return node.kind === "variable" ? { ...base, evaluate, variable: node } : { ...base, evaluate };
  }

  #call(node) {
    const { functions, linker } = this.parts;
    const found = functions.resolve(node);
    if (found === undefined) throw new Error(`no function ${node.name.text}()`);
    const site = {
      call: node,
      module: found.module,
      function: found.spec,
      ...(found.form === undefined ? {} : { form: found.form }),
      args: node.args.map((argument, i) => this.#argument(argument, found.args[i])),
    };
    return { kind: "call", run: linker.call(site), isCore: found.module === "core" };
  }

  #binary(node) {
    const { operator, left, right } = node;
    const isComparison = /^(?:[=!]=|[=!]~|[<>]=?|i?eq|i?ne)$/.test(operator);
    if (isComparison && (left.kind === "core" || right.kind === "core"))
      return this.#coreTest(node);
    if (operator === "=~" || operator === "!~") return this.#match(node);
    const prepared = { left: this.expression(left), right: this.expression(right) };
    if (isComparison && isNull(right)) {
      const isWanted = (plainOperators[operator] ?? operator) === "==";
      return { kind: "isNull", operand: prepared.left, isWanted };
    }
    return { kind: "binary", operator, ...prepared };
  }

  /** A comparison with a word of the core on one side, which the linker binds. */
  #coreTest({ operator, left, right, span }) {
    const isSwapped = left.kind !== "core" || (left.term === "myself" && right.kind === "core");
    const [first, second] = isSwapped ? [right, left] : [left, right];
    const plain = plainOperators[operator] ?? operator;
    const { linker, comparedValue } = this.parts;
    const side = second.kind === "core" ? second : this.#argument(second, comparedValue);
    const wanted = isSwapped ? (mirrored[plain] ?? plain) : plain;
    return {
      kind: "test",
      test: linker.compare({ left: first, operator: wanted, right: side, span }),
    };
  }

  #match({ operator, left, right }) {
    const { fold, wireText, linker } = this.parts;
    const pattern = fold(right);
    if (pattern.kind !== "string") throw new Error("a computed pattern");
    const regex = linker.regex(wireText(pattern.value), true, pattern.span);
    return { kind: "match", text: this.expression(left), regex, isWanted: operator === "=~" };
  }
}
