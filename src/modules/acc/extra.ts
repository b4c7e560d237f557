/** `name=$variable;name=$variable`: extra values of a line. */

export interface ExtraText {
  readonly name: string;
  /** The variable as written. */
  readonly variable: string;
}

/** Reads the list; a sentence when it is malformed. Semicolons inside parentheses and braces belong to the variable. */
export function parseExtra(text: string): ExtraText[] | string {
  const entries: ExtraText[] = [];
  for (const part of split(text)) {
    const equals = part.indexOf("=");
    const name = part.slice(0, equals).trim();
    const variable = part.slice(equals + 1).trim();
    if (equals <= 0 || name === "" || !variable.startsWith("$"))
      return `"${part.trim()}" is not of the form name=$variable`;
    entries.push({ name, variable });
  }
  return entries;
}

function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") depth--;
    else if (char === ";" && depth <= 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part.trim() !== "");
}
