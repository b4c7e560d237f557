/** The module textops: the message as text. */
import { equalsIgnoreCase, lowerAscii } from "../../sip/chars.ts";
import { formatDate } from "../../sip/dates.ts";
import { translateRegex } from "../../dsl/regex/translate.ts";
import { withUser } from "../../sip/uri-rewrite.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  implementModule,
  type BoundArgument,
  type ModuleBehaviour,
  type ModuleEnvironment,
  type TransformationImplementation,
} from "../../runtime/module.ts";
import {
  appendPart,
  filterBody,
  findPart,
  fromHex,
  rawPart,
  removePart,
  setBody,
  setMultipart,
  setReplyBody,
} from "./bodies.ts";
import {
  appendHeader,
  audioHold,
  hasBody,
  hasPrivacy,
  insertHeader,
  isPresentLike,
  matches,
  removeAt,
  removeByName,
  removeByValue,
  removeWhere,
} from "./headers.ts";
import { isMethod } from "./is-method.ts";
import {
  appendBehind,
  replace,
  replaceText,
  search,
  searchHeader,
  substitute,
  substituteHeader,
} from "./search.ts";
import { textops } from "./spec.ts";
import { bindSubstitution, SubstitutionCache, type BoundSubstitution } from "./substitution.ts";

type Functions = NonNullable<ModuleBehaviour<typeof textops>["functions"]>;
type Environment = ModuleEnvironment<typeof textops>;

const truth = (is: boolean): number => (is ? 1 : -1);

/** Items of a list without the blanks around them. */
function items(list: string, separator: string): string[] {
  return list.split(separator.charAt(0) || ",").map((item) => item.trim());
}

function position(text: string, part: string): number {
  const at = part === "" ? -1 : text.indexOf(part);
  return at < 0 ? -1 : at + 1;
}

/** The test that an operator of remove_hf_match() names; undefined for an unknown one. */
function valueTest(operator: string, expression: string): ((value: string) => boolean) | undefined {
  if (operator === "eq") return (value) => value === expression;
  if (operator === "ne") return (value) => value !== expression;
  if (operator === "in") return (value) => value.includes(expression);
  if (operator !== "re") return undefined;
  const translation = translateRegex(expression, { ignoreCase: true, newline: true });
  return translation.ok ? (value) => matches(translation.regex, value) : undefined;
}

/** A function of one substitution, which is read when the script is linked. */
function substitution(
  environment: Environment,
  run: (context: ScriptContext, substitution: BoundSubstitution) => number,
) {
  return {
    bind: (expression: BoundArgument<string>): ((context: ScriptContext) => number) => {
      const subst = bindSubstitution(expression.constant ?? "", environment.services);
      if (typeof subst === "string") {
        return environment.fail(undefined, `a substitution cannot be read: ${subst}`);
      }
      return (context) => run(context, subst);
    },
  };
}

function substituteUri(context: ScriptContext, subst: BoundSubstitution): number {
  const uri = subst.apply(context.uri, context);
  if (uri === undefined) return -1;
  context.newUri = uri;
  return 1;
}

function substituteUser(context: ScriptContext, subst: BoundSubstitution): number {
  const user = context.uriParts?.user;
  const changed = user === undefined ? undefined : subst.apply(user, context);
  const uri = changed === undefined ? undefined : withUser(context.uri, changed);
  if (uri === undefined) return -1;
  context.newUri = uri;
  return 1;
}

function searchFunctions(environment: Environment) {
  const cache = new SubstitutionCache(environment.services);
  return {
    search: (c, re) => search(c, re, "all"),
    search_body: (c, re) => search(c, re, "body"),
    search_str: (_c, text, re) => truth(matches(re, text)),
    search_hf: (...[c, name, re, flags]) => searchHeader(c, name, re, flags),
    search_append: (c, re, text) => appendBehind(c, re, text, "all"),
    search_append_body: (c, re, text) => appendBehind(c, re, text, "body"),
    replace: (c, re, text) => replace(c, re, text, "all"),
    replace_body: (c, re, text) => replace(c, re, text, "body"),
    replace_hdrs: (c, re, text) => replace(c, re, text, "headers"),
    replace_all: (c, re, text) => replace(c, re, text, "all"),
    replace_body_all: (c, re, text) => replace(c, re, text, "body"),
    replace_body_atonce: (c, re, text) => replace(c, re, text, "body"),
    replace_str: (...[c, match, text, mode]) => replaceText(c, { match, text, mode }, "all"),
    replace_body_str: (...[c, match, text, mode]) => replaceText(c, { match, text, mode }, "body"),
    replace_hdrs_str: (...[c, match, text, mode]) =>
      replaceText(c, { match, text, mode }, "headers"),
    subst: substitution(environment, (c, subst) => substitute(c, subst, "all")),
    subst_body: substitution(environment, (c, subst) => substitute(c, subst, "body")),
    subst_uri: substitution(environment, substituteUri),
    subst_user: substitution(environment, substituteUser),
    subst_hf: (...[c, name, expression, flags]) => {
      const subst = cache.get(expression);
      return subst === undefined ? -1 : substituteHeader(c, name, subst, flags);
    },
    regex_substring: (...[c, text, re, index, _count, target]) => {
      re.lastIndex = 0;
      const group = re.exec(text)?.[index];
      if (group === undefined) return -1;
      target.set(c, group);
      return 1;
    },
  } satisfies Partial<Functions>;
}

/** The Date header (RFC 3261, 20.17) with its line end. */
function dateLine({ services }: ScriptContext): string {
  return `Date: ${formatDate(Math.floor(services.clock.wallTime() / 1000))}\r\n`;
}

const headerFunctions = {
  append_hf: (c, text, name) => appendHeader(c, text, name),
  insert_hf: (c, text, name) => insertHeader(c, text, name),
  append_urihf: (c, prefix, suffix) => appendHeader(c, prefix + c.msg.requestUri + suffix),
  append_to_reply: (c, text) => c.replyHeaders.push(text) && 1,
  append_time: (c) => c.replyHeaders.push(dateLine(c)) && 1,
  append_time_to_request: (c) => {
    c.edits.insertHeader(c.msg, dateLine(c), 1);
    return 1;
  },
  is_present_hf: (c, name) => truth(c.msg.findName(name) >= 0),
  is_present_hf_pv: (c, name) => truth(c.msg.findName(name) >= 0),
  is_present_hf_re: (c, re) => isPresentLike(c, re),
  is_present_hf_re_pv: (c, re) => isPresentLike(c, re),
  remove_hf: (c, name) => removeByName(c, name),
  remove_hf_pv: (c, name) => removeByName(c, name),
  remove_hf_re: (c, re) => removeWhere(c, (name) => matches(re, name)),
  remove_hf_re_pv: (c, re) => removeWhere(c, (name) => matches(re, name)),
  remove_hf_exp: (c, match, skip) =>
    removeWhere(c, (name) => matches(match, name) && !matches(skip, name)),
  remove_hf_exp_pv: (c, match, skip) =>
    removeWhere(c, (name) => matches(match, name) && !matches(skip, name)),
  remove_hf_idx: (c, name, index) => removeAt(c, name, index),
  remove_hf_match: (...[c, name, operator, expression]) => {
    const test = valueTest(operator, expression);
    return test === undefined ? -1 : removeByValue(c, name, test);
  },
  is_method: isMethod,
  is_privacy: (c, value) => hasPrivacy(c, value),
} satisfies Partial<Functions>;

const textFunctions = {
  in_list: (...[_c, subject, list, separator]) =>
    truth(subject !== "" && items(list, separator).includes(subject)),
  in_list_prefix: (...[_c, subject, list, separator]) =>
    truth(items(list, separator).some((item) => item !== "" && subject.startsWith(item))),
  cmp_str: (_c, one, other) => truth(one === other),
  cmp_istr: (_c, one, other) => truth(equalsIgnoreCase(one, other)),
  starts_with: (_c, text, start) => truth(text.startsWith(start)),
  ends_with: (_c, text, end) => truth(text.endsWith(end)),
  str_find: (_c, text, part) => position(text, part),
  str_ifind: (_c, text, part) => position(lowerAscii(text), lowerAscii(part)),
} satisfies Partial<Functions>;

const bodyFunctions = {
  has_body: (c, type) => hasBody(c, type),
  is_audio_on_hold: (c) => audioHold(c),
  set_body: (c, text, type) => setBody(c, text, type),
  set_reply_body: (c, text, type) => setReplyBody(c, text, type),
  filter_body: (c, type) => filterBody(c, type),
  set_body_multipart: {
    convert: (c) => setMultipart(c, undefined, undefined),
    boundary: (c, boundary) => setMultipart(c, undefined, boundary),
    content: (c, text, type) => setMultipart(c, { text, type }, undefined),
    full: (...[c, text, type, boundary]) => setMultipart(c, { text, type }, boundary),
  },
  append_body_part: (...[c, text, type, disposition]) => appendPart(c, text, type, disposition),
  append_body_part_hex: (...[c, hex, type, disposition]) => {
    const text = fromHex(hex);
    return text === undefined ? -1 : appendPart(c, text, type, disposition);
  },
  get_body_part: (c, type, target) => {
    const part = findPart(c, type);
    if (part === undefined) return -1;
    target.set(c, part.content);
    return 1;
  },
  get_body_part_raw: (c, type, target) => {
    const part = findPart(c, type);
    if (part === undefined) return -1;
    target.set(c, rawPart(c, part));
    return 1;
  },
  remove_body_part: (c, type) => removePart(c, type),
} satisfies Partial<Functions>;

/** `{re.subst,/pattern/replacement/flags}`. */
function substTransformation(environment: Environment): TransformationImplementation {
  return (_args, node) => {
    const subst = bindSubstitution(node.raw, environment.services);
    if (typeof subst === "string")
      return environment.fail(undefined, `{re.subst} cannot be read: ${subst}`);
    return (value, context) => {
      if (value === null) return null;
      const text = String(value);
      return subst.apply(text, context) ?? text;
    };
  };
}

export default implementModule(textops, (environment) => ({
  functions: {
    ...searchFunctions(environment),
    ...headerFunctions,
    ...textFunctions,
    ...bodyFunctions,
  },
  transformations: { re: { subst: substTransformation(environment) } },
}));
