/** Names of SIP methods in a configuration: known ones, misspelt ones, others. */
import { checkCodes } from "../diagnostics/codes-checks.ts";
import type { Span } from "../source.ts";
import type { Constant } from "./arguments.ts";
import type { CheckContext } from "./context.ts";
import { didYouMean } from "../diagnostics/did-you-mean.ts";

/** Methods of SIP (RFC 3261 and its extensions), of MSRP and HTTP as scripts see them, and Kamailio's own. */
const methods =
  "INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE " +
  "KDMQ GET POST PUT DELETE HEAD PATCH CONNECT TRACE SEND REPORT AUTH NICKNAME UNDEFINED UNDEF OTHER";
const known: ReadonlySet<string> = new Set(methods.split(" "));

/** A constant list of methods: `INVITE|ACK`. */
export function checkMethods(context: CheckContext, { text, argument }: Constant): boolean {
  if (text === "") {
    context.report(checkCodes.argumentForm, argument.span, "a method is missing");
    return false;
  }
  if (/[,;\s/]/.test(text.trim())) {
    const message = `"${text}" is not a list of methods`;
    context.report(checkCodes.argumentForm, argument.span, message, {
      help: "methods are separated by |",
    });
    return false;
  }
  return text.split("|").every((method) => checkMethod(context, method, argument.span));
}

/** One method. Names that are near a known one are mistakes; others are legal, and probably not meant. */
export function checkMethod(context: CheckContext, method: string, span: Span): boolean {
  if (known.has(method)) return true;
  if (!/^[A-Za-z0-9\-.!%*_+`'~]+$/.test(method)) {
    const what = method === "" ? "a method is missing" : `${method} is not the name of a method`;
    context.report(checkCodes.argumentForm, span, what);
    return false;
  }
  const meant = didYouMean(method, known);
  if (meant === undefined) {
    context.report(checkCodes.unknownMethod, span, `${method} is not a method of SIP`);
  } else {
    context.report(checkCodes.misspeltMethod, span, `there is no method ${method}`, {
      help:
        method.toUpperCase() === meant
          ? `methods are written in capital letters: ${meant}`
          : `did you mean ${meant}?`,
    });
  }
  return false;
}
