/** Looks at which routes call which: those that have to be asynchronous, and those that can call themselves. */
import type { Block, Call, Expression, RouteBlock, RouteCall, Statement } from "../syntax/ast.ts";

/** What a route's statements call directly. Arguments of functions are not looked into: nothing waits there. */
interface Calls {
  readonly functions: Call[];
  readonly routes: RouteCall[];
}

function inExpression(expression: Expression, calls: Calls): void {
  switch (expression.kind) {
    case "call":
      calls.functions.push(expression);
      return;
    case "routeCall":
      calls.routes.push(expression);
      return;
    case "unary":
    case "cast":
      return inExpression(expression.operand, calls);
    case "binary":
      inExpression(expression.left, calls);
      return inExpression(expression.right, calls);
    default:
      return;
  }
}

function inBlock(statements: readonly Statement[], calls: Calls): void {
  for (const statement of statements) inStatement(statement, calls);
}

function inStatement(statement: Statement, calls: Calls): void {
  switch (statement.kind) {
    case "block":
      return inBlock(statement.statements, calls);
    case "if":
      inExpression(statement.condition, calls);
      inStatement(statement.then, calls);
      if (statement.otherwise !== undefined) inStatement(statement.otherwise, calls);
      return;
    case "while":
      inExpression(statement.condition, calls);
      return inStatement(statement.body, calls);
    case "switch":
      inExpression(statement.subject, calls);
      for (const each of statement.cases) inBlock(each.statements, calls);
      return;
    case "assign":
      return inExpression(statement.value, calls);
    case "expression":
      return inExpression(statement.expression, calls);
    case "jump":
      if (statement.value !== undefined) inExpression(statement.value, calls);
      return;
    case "empty":
      return;
  }
}

function callsOf(body: Block): Calls {
  const calls: Calls = { functions: [], routes: [] };
  inBlock(body.statements, calls);
  return calls;
}

/** The name that a route call gives as a constant; nothing when it is computed. */
export function constantRouteName(call: RouteCall): string | undefined {
  const { target } = call;
  if (target.kind === "string") return target.value;
  if (target.kind === "number") return String(target.value);
  return target.kind === "core" && target.term === "word" ? target.text : undefined;
}

/** Names that routes can be called by. */
function byName(blocks: readonly RouteBlock[]): Map<string, RouteBlock> {
  const named = new Map<string, RouteBlock>();
  for (const block of blocks) {
    if (block.route === "request" && !named.has(block.name.text)) named.set(block.name.text, block);
  }
  return named;
}

/** The blocks that can come back to themselves through calls. A computed route name may mean any route. */
export function recursiveRoutes(blocks: readonly RouteBlock[]): Set<RouteBlock> {
  const named = byName(blocks);
  const targets = new Map<RouteBlock, readonly RouteBlock[]>();
  for (const block of blocks) {
    const names = callsOf(block.body).routes.map(constantRouteName);
    targets.set(
      block,
      names.includes(undefined)
        ? [...named.values()]
        : names.flatMap((name) => named.get(name as string) ?? []),
    );
  }
  const recursive = new Set<RouteBlock>();
  for (const block of blocks) {
    const seen = new Set<RouteBlock>();
    const waiting = [...(targets.get(block) ?? [])];
    while (waiting.length > 0 && !seen.has(block)) {
      const next = waiting.pop() as RouteBlock;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(...(targets.get(next) ?? []));
    }
    if (seen.has(block)) recursive.add(block);
  }
  return recursive;
}

/** The blocks that must be asynchronous. A computed route name may mean any route. */
export function asyncRoutes(
  blocks: readonly RouteBlock[],
  isAsync: (call: Call) => boolean,
): Set<RouteBlock> {
  const named = byName(blocks);
  const coloured = new Set<RouteBlock>();
  const calls = new Map(blocks.map((block) => [block, callsOf(block.body)]));
  for (const [block, { functions }] of calls) {
    if (functions.some(isAsync)) coloured.add(block);
  }
  const reaches = ({ routes }: Calls): boolean =>
    routes.some((call) => {
      const name = constantRouteName(call);
      if (name === undefined) return [...named.values()].some((block) => coloured.has(block));
      const target = named.get(name);
      return target !== undefined && coloured.has(target);
    });
  for (let size = -1; size !== coloured.size;) {
    size = coloured.size;
    for (const [block, own] of calls) {
      if (!coloured.has(block) && reaches(own)) coloured.add(block);
    }
  }
  return coloured;
}
