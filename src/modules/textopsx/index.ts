/** The module textopsx: changes applied at once, values of headers, iterators. */
import { Header } from "../../sip/headers.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule, type BoundArgument, type ModuleBehaviour } from "../../runtime/module.ts";
import { applyChanges, changeStatus, setText } from "./apply.ts";
import { fileNameMatches } from "./fnmatch.ts";
import { bodyLines, headerItems, Iterators } from "./iterators.ts";
import { bindSelect } from "./selects.ts";
import { textopsx } from "./spec.ts";
import {
  appendValue,
  assignValues,
  excludeValue,
  hasValue,
  includeValue,
  insertValue,
  parsePath,
  removeValues,
  type ValuePath,
} from "./values.ts";

type Functions = NonNullable<ModuleBehaviour<typeof textopsx>["functions"]>;

/** Headers that keep_hf() never removes. */
const KEPT: readonly number[] = [
  Header.Via,
  Header.From,
  Header.To,
  Header.CallId,
  Header.CSeq,
  Header.ContentLength,
  Header.ContentType,
  Header.MaxForwards,
  Header.Contact,
  Header.Route,
  Header.RecordRoute,
];

function keepHeaders(context: ScriptContext, regex: RegExp | undefined): number {
  const { msg } = context;
  for (let i = 0; i < msg.headerCount; i++) {
    if (KEPT.includes(msg.headerType(i))) continue;
    if (regex !== undefined) {
      regex.lastIndex = 0;
      if (regex.test(msg.headerName(i))) continue;
    }
    context.edits.removeHeader(msg, i);
  }
  return 1;
}

/** A function whose first argument is a path, which is read when the script is linked. */
function onPath(
  fail: (message: string) => never,
  run: (context: ScriptContext, path: ValuePath, text: string) => number,
) {
  return {
    bind: (
      text: BoundArgument<string>,
      value?: BoundArgument<string>,
    ): ((context: ScriptContext) => number) => {
      const path = parsePath(text.constant ?? "");
      if (path === undefined) return fail(`"${text.constant}" is not name[index].parameter`);
      return (context) => run(context, path, value?.get(context) ?? "");
    },
  };
}

function valueFunctions(fail: (message: string) => never) {
  return {
    append_hf_value: onPath(fail, appendValue),
    insert_hf_value: onPath(fail, insertValue),
    remove_hf_value: onPath(fail, (c, path) => removeValues(c, path, false)),
    remove_hf_value2: onPath(fail, (c, path) => removeValues(c, path, true)),
    assign_hf_value: onPath(fail, (c, path, text) => assignValues(c, path, text, false)),
    assign_hf_value2: onPath(fail, (c, path, text) => assignValues(c, path, text, true)),
    include_hf_value: (c, name, text) => includeValue(c, name, text),
    exclude_hf_value: (c, name, text) => excludeValue(c, name, text),
    hf_value_exists: (c, name, text) => (hasValue(c.msg, name, text) ? 1 : -1),
  } satisfies Partial<Functions>;
}

const messageFunctions = {
  msg_apply_changes: (c) => applyChanges(c),
  msg_set_buffer: (c, text) => (setText(c, text) ? 1 : -1),
  change_reply_status: (c, status, reason) => changeStatus(c, status, reason),
  change_reply_status_code: (c, status) => changeStatus(c, status, undefined),
  remove_body: (c) => {
    if (c.msg.body === "" && c.editsIfAny?.hasNewBody !== true) return -1;
    c.edits.setBody("");
    return 1;
  },
  keep_hf: (c, regex) => keepHeaders(c, regex),
  fnmatch: (...[_c, text, pattern, flags]) =>
    fileNameMatches(text, pattern, flags?.includes("i") === true) ? 1 : -1,
} satisfies Partial<Functions>;

function iteratorFunctions(headers: Iterators, lines: Iterators) {
  return {
    hf_iterator_start: (c, name) => headers.start(c, name),
    hf_iterator_end: (c, name) => headers.end(c, name),
    hf_iterator_next: (c, name) => headers.next(c, name),
    hf_iterator_prev: (c, name) => headers.previous(c, name),
    hf_iterator_rm: (c, name) => headers.remove(c, name),
    hf_iterator_append: (c, name, text) => headers.append(c, name, text),
    hf_iterator_insert: (c, name, text) => headers.insert(c, name, text),
    bl_iterator_start: (c, name) => lines.start(c, name),
    bl_iterator_end: (c, name) => lines.end(c, name),
    bl_iterator_next: (c, name) => lines.next(c, name),
    bl_iterator_rm: (c, name) => lines.remove(c, name),
    bl_iterator_append: (c, name, text) => lines.append(c, name, text),
    bl_iterator_insert: (c, name, text) => lines.insert(c, name, text),
  } satisfies Partial<Functions>;
}

export default implementModule(textopsx, (environment) => {
  const headers = new Iterators(headerItems);
  const lines = new Iterators(bodyLines);
  const fail = (message: string): never => environment.fail(undefined, message);
  return {
    functions: {
      ...messageFunctions,
      ...valueFunctions(fail),
      ...iteratorFunctions(headers, lines),
    },
    variables: {
      hfitname: headers.variable((c, _item, index) => c.msg.headerName(index)),
      hfitbody: headers.variable((c, _item, index) => c.msg.headerValue(index)),
      blitval: lines.variable((c, line) => c.msg.text.slice(line.start, line.end)),
    },
    selects: bindSelect,
  };
});
