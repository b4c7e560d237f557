/** Writes the manual page of a module from its declaration. */
import type {
  ArgumentSpec,
  FunctionSpec,
  ModuleSpec,
  ParamSpec,
  TransformationSpec,
  VariableSpec,
} from "../dsl/catalog/spec.ts";

/** The page in Markdown, ending with one line end. */
export function manualPage(spec: ModuleSpec): string {
  const out = new Page();
  out.line(`# ${spec.name}`, spec.doc);
  needs(out, spec);
  section(out, "Parameters", Object.entries(spec.params ?? {}), (name, param) => {
    out.line(`### \`${name}\` (${paramType(param)})`, ...paramText(param));
    out.line(`\`modparam("${spec.name}", "${name}", ${exampleValue(param)})\``);
  });
  section(out, "Functions", Object.entries(spec.functions ?? {}), (name, one) => {
    functionText(out, name, one);
  });
  section(out, "Variables", Object.entries(spec.variables ?? {}), (name, variable) => {
    out.line(`### \`${variableForm(name, variable)}\``, ...variableText(variable));
  });
  transformations(out, spec);
  section(
    out,
    "Event routes",
    (spec.eventRoutes ?? []).map((one) => [one.name, one]),
    (name, one) => {
      out.line(`### \`event_route[${name}]\``, one.doc, ...notBuilt(one));
    },
  );
  section(out, "Remote commands", Object.entries(spec.rpc ?? {}), (name, one) => {
    const params = one.params === undefined ? "" : ` ${one.params}`;
    out.line(`### \`${name}${params}\``, one.doc, ...notBuilt(one));
  });
  for (const note of spec.notes ?? []) out.line(`## ${note.title}`, note.text);
  if ((spec.departures ?? []).length > 0) {
    out.line("## Departures from Kamailio 5.6.3", bullets(spec.departures ?? []));
  }
  return out.text;
}

/** The list of all pages, with what is missing from each module. */
export function manualIndex(specs: readonly ModuleSpec[]): string {
  const out = new Page();
  out.line("# Modules", "Made from the declarations of the modules.");
  const sorted = [...specs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const entry = (spec: ModuleSpec): string =>
    [`- [${spec.name}](${spec.name}.md): ${spec.doc}`, ...missing(spec)].join("\n  ");
  out.line(sorted.map(entry).join("\n"));
  return out.text;
}

/** Lines about what Kamailio's manual lists and this module does not have. */
function missing(spec: ModuleSpec): string[] {
  const notBuiltIn = (kind: string, all: Readonly<Record<string, Built>> | undefined): string[] => {
    const names = Object.entries(all ?? {}).filter(([, one]) => one.implemented === false);
    return names.length === 0 ? [] : [`${kind} ${names.map(([name]) => `\`${name}\``).join(", ")}`];
  };
  const events = (spec.eventRoutes ?? []).map((one): [string, Built] => [one.name, one]);
  const parts = [
    ...notBuiltIn("functions", spec.functions),
    ...notBuiltIn("parameters", spec.params),
    ...notBuiltIn("variables", spec.variables),
    ...Object.values(spec.transformations ?? {}).flatMap((one) =>
      notBuiltIn("transformations", one),
    ),
    ...notBuiltIn("event routes", Object.fromEntries(events)),
    ...notBuiltIn("remote commands", spec.rpc),
  ];
  const ignored = Object.entries(spec.params ?? {}).filter(([, one]) => one.ignored !== undefined);
  const names = ignored.map(([name]) => `\`${name}\``).join(", ");
  return [
    ...(parts.length === 0 ? [] : [`Not implemented yet: ${parts.join("; ")}.`]),
    ...(names === "" ? [] : [`Parameters without effect: ${names}.`]),
  ];
}

interface Built {
  readonly implemented?: boolean;
}

/** Paragraphs with an empty line between them. */
class Page {
  readonly #paragraphs: string[] = [];

  line(...paragraphs: string[]): void {
    this.#paragraphs.push(...paragraphs.filter((text) => text !== ""));
  }

  get text(): string {
    return `${this.#paragraphs.join("\n\n")}\n`;
  }
}

function section<T>(
  out: Page,
  title: string,
  entries: readonly (readonly [string, T])[],
  each: (name: string, value: T) => void,
): void {
  if (entries.length === 0) return;
  out.line(`## ${title}`);
  for (const [name, value] of entries) each(name, value);
}

function needs(out: Page, spec: ModuleSpec): void {
  const needed = Object.keys(spec.needs ?? {});
  const used = Object.keys(spec.uses ?? {});
  if (needed.length > 0) out.line(`Needs (loaded before it): ${needed.join(", ")}.`);
  if (used.length > 0) out.line(`Uses, when loaded: ${used.join(", ")}.`);
}

function notBuilt(one: { readonly implemented?: boolean }): string[] {
  return one.implemented === false ? ["*Not implemented yet.*"] : [];
}

function departs(one: { readonly departs?: string }): string[] {
  return one.departs === undefined ? [] : [`Differs from Kamailio 5.6.3: ${one.departs}`];
}

function paramType(param: ParamSpec): string {
  const names = { str: "string", int: "integer", flag: "0 or 1" } as const;
  if (param.orNumber === true) return "string or integer";
  return param.multiple === true ? `${names[param.type]}, may be repeated` : names[param.type];
}

function paramText(param: ParamSpec): string[] {
  const facts: string[] = [];
  if (param.default !== undefined) facts.push(`Default: \`${JSON.stringify(param.default)}\`.`);
  if (param.min !== undefined) facts.push(`At least ${param.min}.`);
  if (param.max !== undefined) facts.push(`At most ${param.max}.`);
  if (param.values !== undefined) facts.push(`One of: ${param.values.join(", ")}.`);
  if (param.runtime === true) facts.push("Can be changed at run time.");
  if (param.ignored !== undefined) facts.push(`Without effect: ${param.ignored}.`);
  return [param.doc, facts.join(" "), ...notBuilt(param), ...departs(param)];
}

function exampleValue(param: ParamSpec): string {
  const value = param.default ?? param.values?.[0] ?? (param.type === "str" ? "..." : 1);
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function functionText(out: Page, name: string, spec: FunctionSpec): void {
  const forms = spec.forms === undefined ? [spec.args ?? []] : Object.values(spec.forms);
  out.line(`### ${forms.map((args) => `\`${name}(${signature(args)})\``).join(", ")}`, spec.doc);
  const described = new Map<string, string>();
  for (const arg of forms.flat()) described.set(arg.name, argumentText(arg));
  if (described.size > 0) out.line(bullets([...described.values()]));
  const where = spec.routes.includes("any") ? "any route" : spec.routes.join(", ");
  out.line(`May be used in: ${where}.${spec.async === true ? " May wait for an answer." : ""}`);
  out.line(...notBuilt(spec), ...departs(spec));
  if ((spec.examples ?? []).length > 0) {
    out.line(`\`\`\`\n${(spec.examples ?? []).join("\n")}\n\`\`\``);
  }
}

function signature(args: readonly ArgumentSpec[]): string {
  return args.map((arg) => (arg.optional ? `[${arg.name}]` : arg.name)).join(", ");
}

function argumentText(arg: ArgumentSpec): string {
  const words = arg.values === undefined ? "" : ` One of: ${arg.values.join(", ")}.`;
  return `\`${arg.name}\`: ${arg.doc}${words}`;
}

function variableForm(name: string, variable: VariableSpec): string {
  const { inner = "none" } = variable;
  const form = inner === "none" ? "" : inner === "required" ? "(name)" : "[(name)]";
  return `$${name}${form}`;
}

function variableText(variable: VariableSpec): string[] {
  const facts = [variable.writable === true ? "Can be assigned." : "Read only."];
  if (variable.innerValues !== undefined) facts.push(`Names: ${variable.innerValues.join(", ")}.`);
  if (variable.indexed === true) facts.push("Takes an index.");
  return [variable.doc, facts.join(" "), ...notBuilt(variable), ...departs(variable)];
}

function transformations(out: Page, spec: ModuleSpec): void {
  const entries = Object.entries(spec.transformations ?? {}).flatMap(([className, class_]) =>
    Object.entries(class_).map(([name, one]): [string, TransformationSpec] => [
      `{${className}.${name}}`,
      one,
    ]),
  );
  section(out, "Transformations", entries, (name, one) => {
    const count = one.min === one.max ? `${one.min}` : `${one.min} to ${one.max}`;
    const args = one.raw === true || one.max === 0 ? "" : ` Arguments: ${count}.`;
    out.line(`### \`${name}\``, one.doc + args, ...notBuilt(one));
  });
}

function bullets(lines: readonly string[]): string {
  return lines.map((text) => `- ${text}`).join("\n");
}
