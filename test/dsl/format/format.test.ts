/** Variables in strings: where they begin and end, what is refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FormatPart,
  locateIn,
  parseFormat,
  parseVariable,
  readVariable,
  spanInString,
} from "../../../src/dsl/format/format.ts";
import { expression } from "../support/harness.ts";

/** Parts as text: variables in brackets, problems in exclamation marks. */
function show(parts: readonly FormatPart[]): string {
  return parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "problem") return `!${part.text}!`;
      const { name, inner, index, transformations } = part.variable;
      const tail = transformations.map((entry) => `{${entry.className}.${entry.name}}`).join("");
      const place =
        index === undefined ? "" : `#${typeof index === "object" ? `$${index.name}` : index}`;
      return `[${name}${inner === undefined ? "" : `:${inner}`}${place}${tail}]`;
    })
    .join("");
}

// The verdicts are those of a start of Kamailio 5.6.3 with xlog (its -c does not look into strings).
describe("format strings", () => {
  it.each([
    ["", ""],
    ["plain", "plain"],
    ["a $ru z", "a [ru] z"],
    ["$rU@$rd;x=$ci,$si", "[rU]@[rd];x=[ci],[si]"],
    ["$rU-y $rU:x", "[rU]-y [rU]:x"],
    ["$rd_z", "[rd_z]"],
    ["$ru.", "[ru.]"],
    ["$var(x).q $var(x)(y)", "[var:x].q [var:x](y)"],
    ["$(ru){s.len} $rd{s.len}", "[ru]{s.len} [rd]{s.len}"],
    ["$$ $$ru $$$ru", "[$] [$]ru [$][ru]"],
    ["$?,$rc,$retcode", "[?],[rc],[retcode]"],
    ["$hdr(a(b)c)", "[hdr:a(b)c]"],
    ["$hdr()", "[hdr:]"],
    ["$(hdr(Via)[0]) $(hdr(Via)[-1]) $(avp(x)[*])", "[hdr:Via#0] [hdr:Via#-1] [avp:x#*]"],
    ["$(hdr(Via)[$var(i)])", "[hdr:Via#$var]"],
    ["$(ru{s.substr,1,3}{s.len})", "[ru{s.substr}{s.len}]"],
    ["$(ru{s.len} {s.len} )", "[ru{s.len}{s.len}]"],
    ["$(ru{re.subst,/a{1,2}/b/g})", "[ru{re.subst}]"],
    ["$(ru{s.escape.common})", "[ru{s.escape.common}]"],
    ["$sht(a=>$ci::x)", "[sht:a=>$ci::x]"],
    ["cost $5", "cost [5]"],
    ["lone $ z", "lone !$! z"],
    ["end $", "end !$!"],
    ["${ru} $[ru]", "!$!{ru} !$![ru]"],
    ["$hdr(From", "!$hdr(From!"],
    ["a $(ru z", "a !$!(ru z"],
    ["$(ru{s.len z", "!$(ru{s.len z!"],
    ["$( ru ) b", "!$!( ru ) b"],
    ["$($rU) b", "!$!([rU]) b"],
    ["$(ru {s.len}) b", "!$!(ru {s.len}) b"],
    ["$(hdr(Via) [0])", "!$!(hdr(Via) [0])"],
    ["$(hdr(Via)[ 0 ])", "!$!(hdr(Via)[ 0 ])"],
    ["$(hdr(Via)[])", "!$!(hdr(Via)[])"],
    ["$(hdr(Via)[+1])", "!$!(hdr(Via)[+1])"],
    ["$(ru{})", "!$!(ru{})"],
    ["$(ru{s})", "!$!(ru{s})"],
    ["$(ru{ s.len })", "!$!(ru{ s.len })"],
    ["$(var(x){s.len}[0])", "!$!(var(x){s.len}[0])"],
    ["$()", "!$!()"],
  ])("%s", (text, expected) => {
    expect(show(parseFormat(text))).toBe(expected);
  });

  it("keep every unit of the text, in order", () => {
    const pieces = fc.constantFrom(..."$(){}[],.ab0 \"'\\", "$(", "$var(x)", "{s.len}", "$$");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
        const text = list.join("");
        let at = 0;
        for (const part of parseFormat(text)) {
          expect(part.start).toBe(at);
          at = part.end;
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it("do not take long on hopeless texts", () => {
    for (const unit of ["$(", "$x(", "$(a{s.x,", "$(a[$(", "$("]) {
      expect(parseFormat(unit.repeat(50_000)).length).toBeGreaterThan(0);
    }
  });
});

describe("transformations", () => {
  it("have arguments that are texts or variables", () => {
    const variable = parseVariable(
      "$(ru{s.substr, 1,$(var(i){s.int})}{s.select,0,:}{re.subst,/,/x/g})",
    );
    expect(variable?.transformations).toMatchObject([
      { className: "s", name: "substr", raw: " 1,$(var(i){s.int})" },
      { className: "s", name: "select", args: ["0", ":"] },
      { className: "re", name: "subst", raw: "/,/x/g" },
    ]);
    expect(variable?.transformations[0]?.args).toMatchObject([
      "1",
      { name: "var", inner: "i", transformations: [{ name: "int" }] },
    ]);
  });

  it("may have a lone brace as argument", () => {
    expect(parseVariable("$(ru{s.select,1,{})")?.transformations[0]?.args).toEqual(["1", "{"]);
  });
});

describe("variables alone", () => {
  it("are nothing else", () => {
    expect(parseVariable("$ru")).toMatchObject({ name: "ru", transformations: [] });
    expect(parseVariable("$ru ")).toBeUndefined();
    expect(parseVariable("ru")).toBeUndefined();
    expect(parseVariable("")).toBeUndefined();
    expect(readVariable("$ru x")).toEqual({
      problem: "' x' does not belong to the variable before it",
    });
  });
});

describe("places in strings", () => {
  function placed(text: string, wanted: string): string {
    const literal = expression(text);
    if (literal.kind !== "string") throw new Error("no string");
    const at = literal.value.indexOf(wanted);
    const span = spanInString(literal, at, at + wanted.length);
    return span.source.text.slice(span.start, span.end);
  }

  it("are found behind escapes and joints", () => {
    expect(placed('"ab $ru"', "$ru")).toBe("$ru");
    expect(placed('"\\n\\x41 $ru"', "$ru")).toBe("$ru");
    expect(placed('"a" "b $ru"', "$ru")).toBe("$ru");
    expect(placed('"a\\nb"', "\n")).toBe("\\n");
    expect(placed("'\\n $ru'", "$ru")).toBe("$ru");
  });

  it("are given to variables", () => {
    const literal = expression('"\\t$(hdr(X){s.len})"');
    if (literal.kind !== "string") throw new Error("no string");
    const part = parseFormat(literal.value, locateIn(literal))[1];
    if (part?.kind !== "variable") throw new Error("no variable");
    const { span, innerSpan, transformations } = part.variable;
    const text = span.source.text;
    expect(text.slice(span.start, span.end)).toBe("$(hdr(X){s.len})");
    expect(text.slice(innerSpan?.start, innerSpan?.end)).toBe("X");
    const last = transformations[0]?.span;
    expect(text.slice(last?.start, last?.end)).toBe("{s.len}");
  });
});
