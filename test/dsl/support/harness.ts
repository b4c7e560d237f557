/** Short forms for tests of the language's front. */
import { Positions } from "../../../src/dsl/diagnostics/positions.ts";
import type { FileReader } from "../../../src/dsl/preprocess/result.ts";
import { readConfig, type ReadOptions, type ReadResult } from "../../../src/dsl/read.ts";
import type { Expression, RouteBlock, Statement } from "../../../src/dsl/syntax/ast.ts";

/** Files held in memory; names are taken as they are. */
export function memoryFiles(texts: Readonly<Record<string, string>>): FileReader {
  return {
    read: (path) => texts[path],
    resolve: (_, relative) => [relative],
    glob: (_, pattern) => {
      const [head = "", tail = ""] = pattern.split("*");
      return Object.keys(texts)
        .filter((name) => name.startsWith(head) && name.endsWith(tail))
        .toSorted();
    },
  };
}

/** Findings as `code@line:column`. */
export function findings(result: ReadResult): string[] {
  const positions = new Positions();
  return result.diagnostics.map(({ code, span }) => {
    const { line, column } = positions.at(span.source, span.start);
    return `${code}@${line}:${column}`;
  });
}

export function read(text: string, options?: ReadOptions): ReadResult {
  return readConfig({ text, name: "test.cfg" }, options);
}

/** Statements of `request_route { ... }`; throws on any finding. */
export function statements(body: string): readonly Statement[] {
  const result = read(`request_route {\n${body}\n}\n`);
  if (result.diagnostics.length > 0) throw new Error(findings(result).join(" "));
  return (result.config.items[0] as RouteBlock).body.statements;
}

/** The expression of `$var(x) = ...;`. */
export function expression(text: string): Expression {
  const [first] = statements(`$var(x) = ${text};`);
  if (first?.kind !== "assign") throw new Error("no assignment");
  return first.value;
}

/** An expression with parentheses around each operation. */
export function shape(node: Expression): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "string":
      return JSON.stringify(node.value);
    case "variable":
      return `$${node.name}`;
    case "select":
      return "@";
    case "core":
      return node.text === undefined ? node.term : `${node.term}:${node.text}`;
    case "call":
      return `${node.name.text}(${node.args.map(shape).join(",")})`;
    case "routeCall":
      return `route(${[node.target, ...node.args].map(shape).join(",")})`;
    case "unary":
      return `(${node.operator} ${shape(node.operand)})`;
    case "cast":
      return `(${node.type}: ${shape(node.operand)})`;
    case "binary":
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
  }
}
