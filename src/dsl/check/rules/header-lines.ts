/** Rule: a text that becomes a header has a name that a header can have, and ends its line. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import type { CallUse, Visitor } from "../visitor.ts";

/** Functions whose first argument is a whole header. */
const functions: ReadonlySet<string> = new Set([
  "append_hf",
  "insert_hf",
  "append_to_reply",
  "append_urihf",
]);

export function headerLines(context: CheckContext): Visitor {
  return {
    call({ call, found }: CallUse): void {
      const [text] = call.args;
      if (found === undefined || text === undefined || !functions.has(call.name.text)) return;
      checkLine(context, text);
    },
  };
}

function checkLine(context: CheckContext, argument: Expression): void {
  if (argument.kind !== "string") return;
  const { value, span } = argument;
  const colon = value.indexOf(":");
  const name = colon < 0 ? value : value.slice(0, colon);
  if (name.includes("$")) return;
  if (colon < 0 || !/^[A-Za-z0-9\-.!%*_+`'~]+[ \t]*$/.test(name)) {
    const message =
      colon < 0
        ? `"${value.trim()}" is not a header: it has no colon`
        : `"${name}" is not a name that a header can have`;
    context.report(checkCodes.badHeaderName, span, message);
    return;
  }
  if (value.endsWith("\n") || /\$[^\s]*$/.test(value)) return;
  const message = "this header does not end its line: the next one is glued to it";
  context.report(checkCodes.headerLine, span, message, { help: "end the text with \\r\\n" });
}
