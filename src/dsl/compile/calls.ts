/** Writes calls of functions and routes. */
import type { Call, Expression, RouteCall } from "../syntax/ast.ts";
import { literal } from "./code-writer.ts";
import { constantRouteName } from "./colour.ts";
import { fold } from "./fold.ts";
import type { ArgumentPlan } from "./program.ts";
import type { ArgumentSpec } from "../catalog/spec.ts";
import { FunctionScope } from "./scope.ts";
import { wireText } from "./wire-text.ts";

/** Writes an expression as a value; given by the expression writer. */
export type WriteValue = (expression: Expression, scope: FunctionScope) => string;

/** An argument as plan, and the JavaScript of its evaluator. */
export interface WrittenArgument {
  readonly plan: ArgumentPlan;
  readonly evaluator: string;
}

/** Prepares an argument: constants as they are, the rest with a function that evaluates it. */
export function writeArgument(
  argument: Expression,
  spec: ArgumentSpec,
  scope: FunctionScope,
  write: WriteValue,
): WrittenArgument {
  const expression = fold(argument);
  const { span } = argument;
  switch (expression.kind) {
    case "number":
      return { plan: { spec, span, constant: expression.value }, evaluator: "undefined" };
    case "string":
      return { plan: { spec, span, constant: wireText(expression.value) }, evaluator: "undefined" };
    case "core":
      // `forward(uri:host, uri:port)`, bare addresses: the function knows the words.
      return {
        plan: { spec, span, constant: expression.text ?? expression.term },
        evaluator: "undefined",
      };
    default: {
      // Arguments never wait: their evaluators are plain functions.
      const evaluator = `(c) => ${write(expression, new FunctionScope(scope.program, false))}`;
      const variable = expression.kind === "variable" ? { variable: expression } : {};
      return { plan: { spec, span, ...variable }, evaluator };
    }
  }
}

/** Reports a call that cannot be bound; its code is -1. The checker has said so before. */
function fault(scope: FunctionScope, call: Call | RouteCall, message: string): string {
  const place = scope.program.sites.span(call.span);
  return `fault(c, ${literal(message)}, ${place})`;
}

/**
 * A function call: its code, noted in `$rc` unless the core's. A core function inside an expression (`isValue`) runs in a
 * script of its own as far as `$rc` goes, which leaves 0 there, as Kamailio.
 */
export function writeCall(
  call: Call,
  scope: FunctionScope,
  write: WriteValue,
  isValue: boolean,
): string {
  const { functions, sites } = scope.program;
  const found = functions.resolve(call);
  if (found === undefined)
    return fault(scope, call, `no function ${call.name.text}() for this call`);
  const written = call.args.map((argument, i) =>
    writeArgument(argument, found.args[i] as ArgumentSpec, scope, write),
  );
  const number = sites.call(
    {
      call,
      module: found.module,
      function: found.spec,
      ...(found.form === undefined ? {} : { form: found.form }),
      args: written.map((argument) => argument.plan),
    },
    `[${written.map((argument) => argument.evaluator).join(", ")}]`,
  );
  const coreNote = isValue ? "ranCoreValue" : "ranCore";
  const note = found.module === "core" ? coreNote : "ran";
  const run = `${scope.mark(call.span)}f${number}(c)`;
  if (!functions.waits(found.spec) || !scope.isAsync) return `${note}(c, ${run})`;
  return `${note}(c, ${waited(run, scope)})`;
}

/** Waits for a code; what answers at once is not waited for: that would cost a turn of the event loop. */
function waited(run: string, scope: FunctionScope): string {
  const answer = scope.local("t");
  return `typeof (${answer} = ${run}) === "number" ? ${answer} : yield ${answer}`;
}

/** A call of a route: its code, noted in `$rc`. The caller looks at `c.stop`. */
export function writeRouteCall(call: RouteCall, scope: FunctionScope, write: WriteValue): string {
  const { routes, hasAsyncRoute, sites } = scope.program;
  const mark = scope.mark(call.span);
  const name = constantRouteName(call);
  if (name !== undefined) {
    const target = routes.get(name);
    if (target === undefined) return fault(scope, call, `route "${name}" not found`);
    const depth = target.isRecursive && scope.isRecursive ? ", d + 1" : "";
    const run = `${mark}${target.id}(c${depth})`;
    if (!target.isAsync) return `(c.rc = ${run})`;
    return `(c.rc = ${scope.isAsync ? waited(`start(${run})`, scope) : `start(${run})`})`;
  }
  const target = `str(${write(fold(call.target), scope)})`;
  const place = sites.span(call.span);
  const rest = `(c, ${target}, ${place}, ${scope.isRecursive ? "d + 1" : "0"})`;
  if (!hasAsyncRoute || !scope.isAsync) return `${mark}runNamed${rest}`;
  return `(${waited(`${mark}runNamedAsync${rest}`, scope)})`;
}
