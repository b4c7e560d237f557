/** One fault gives one finding at the right place, and reading goes on behind it. */
import { describe, expect, it } from "vitest";
import { findings, memoryFiles, read } from "../support/harness.ts";

/** Findings in a route with a good statement behind the bad one, and the number of statements kept. */
function inRoute(body: string): string[] {
  return findings(read(`route {\n${body}\nexit;\n}\nroute[Z] { exit; }\n`));
}

describe("faults in statements", () => {
  it.each([
    ["a missing semicolon, at the end of the statement", 'xlog("a")', ["E202@2:10"]],
    ["a missing semicolon on the same line", 'xlog("a") xlog("b");', ["E202@2:10"]],
    ["a missing semicolon before '}'", "if (1) { drop }", ["E202@2:14"]],
    ["a missing ')'", "if (uri == myself { drop; }", ["E203@2:18"]],
    ["a missing ')' of a call", 'xlog("a";', ["E203@2:9"]],
    ["a ')' too much", 'xlog("a"));', ["E203@2:10"]],
    ["a bad condition", "if ($rU == ) { drop; } else { drop; }", ["E201@2:12"]],
    ["faults inside a block behind a bad condition", "if (*) { x; }", ["E201@2:5", "E218@2:10"]],
    ["an empty block", "if (1) { /* nothing */ }", ["E206@2:8"]],
    ["a block alone", "{ drop; }", ["E207@2:1"]],
    ["a comparison as statement", "$var(x) == 1;", ["E201@2:9"]],
    ["an increment", "$var(x)++;", ["E216@2:8"]],
    ["a percent sign", "$var(x) = 1 % 2;", ["E216@2:13"]],
    ["a full stop between texts", '$var(x) = "a" . "b";', ["E216@2:15"]],
    ["a route call without ')'", "route(B;", ["E203@2:8"]],
    ["a leading plus", "$var(x) = +1;", ["E216@2:11"]],
    ["elseif", "if (1) drop;\nelseif (2) drop;", ["E216@3:1"]],
    ["else behind a semicolon", "if (1) { drop; };\nelse { drop; }", ["E201@3:1"]],
    ["case without switch", "case 1: drop;", ["E201@2:1"]],
    ["a bare name", "xlog(L_INFO, 1);", ["E218@2:6"]],
    ["a core word alone", "if (method) drop;", ["E210@2:5"]],
    ["an assignment in a condition", "if ($var(x) = 1) drop;", ["E214@2:13"]],
    ["a malformed variable", "$var(x) = $(ru{s});", ["E213@2:11"]],
    ["an address that is none", "if (src_ip == 300.1.1.1) drop;", ["E219@2:15"]],
    ["an address that is not compared", "$var(x) = 1.2.3.4;", ["E209@2:11"]],
    ["a case label that is not constant", "switch(1) { case $rd: drop; }", ["E221@2:18"]],
    ["two defaults", "switch(1) { default: drop; default: drop; }", ["E222@2:28"]],
    ["mixed labels", 'switch(1) { case 1: case "a": drop; }', ["E223@2:26"]],
    ["a word in a switch", "switch(1) { drop; case 1: drop; }", ["E201@2:13"]],
    ["an item inside a route", "drop;\nchildren=4\ndrop;", ["E218@3:1"]],
  ])("%s", (_, body, expected) => {
    expect(inRoute(body)).toEqual(expected);
  });

  it("do not hide what follows", () => {
    const { config } = read("route { xlog(; $var(x) = ; drop; }\nroute[B] { exit; }");
    expect(config.items).toMatchObject([{ name: { text: "0" } }, { name: { text: "B" } }]);
    const [first] = config.items;
    expect(first?.kind === "route" && first.body.statements.at(-1)).toMatchObject({ jump: "drop" });
  });
});

describe("braces", () => {
  it("that are missing are named where they open, by their indentation", () => {
    const result = read(
      "route {\n  if (1) {\n    if (2) {\n      exit;\n    drop;\n  }\n}\nroute[B] { exit; }",
    );
    expect(findings(result)).toEqual(["E204@3:12"]);
    expect(result.config.items).toHaveLength(2);
  });

  it("that are missing at the end of the file are named where they open", () => {
    expect(findings(read("route {\n  if (1) { exit; }\n"))).toEqual(["E204@1:7"]);
  });

  it("that are too many are named themselves, not what follows from them", () => {
    const result = read("route {\n  if (1) { exit; } }\n  drop;\n  exit;\n}\nroute[B] { exit; }");
    expect(findings(result)).toEqual(["E205@2:20"]);
    expect(result.config.items).toHaveLength(2);
    expect(findings(read("route { exit; }\n}\nroute[B] { exit; }"))).toEqual(["E205@2:1"]);
  });
});

describe("faults of the text", () => {
  it("name a string at its opening, although all later quotes are turned inside out", () => {
    const text = 'route {\n  xlog("a);\n  xlog("b");\n  if ($rU == "c") { exit; }\n}\n';
    expect(findings(read(text))).toEqual(["E102@2:8"]);
  });

  it("name each of several strings", () => {
    const text = 'route {\n  xlog("a);\n  xlog("b");\n  xlog("c);\n  xlog("d");\n  exit;\n}\n';
    expect(findings(read(text))).toEqual(["E102@2:8", "E102@4:8"]);
  });

  it("name a single quote", () => {
    expect(findings(read("route { xlog('it); }\n"))).toEqual(["E102@1:14"]);
  });

  it("name a variable at its opening", () => {
    expect(findings(read("route {\n  $var(a) = $(ru{s.len};\n  exit;\n}\n"))).toEqual([
      "E119@2:13",
    ]);
  });

  it("warn of a comment that is not closed", () => {
    expect(findings(read("route { exit; }\n/* a /* b */\n"))).toEqual(["W103@2:1"]);
  });

  it("warn of characters without meaning, which are passed over", () => {
    expect(findings(read("route { \u00e9 exit; ` }\n"))).toEqual(["W104@1:9", "W104@1:17"]);
    expect(findings(read("\uFEFFroute { exit; }\n"))).toEqual([]);
    const files = memoryFiles({ a: "\uFEFFchildren=3\n" });
    expect(findings(read('include_file "a"\nroute { exit; }\n', { files }))).toEqual([]);
  });
});

describe("faults of the top level", () => {
  it.each([
    ["statements outside", 'xlog("a");', ["E208@1:1"]],
    ["names of routes", "route[A.B] { exit; }", ["E201@1:8"]],
    ["a named request_route", "request_route[A] { exit; }", ["E201@1:14"]],
    ["unknown kinds", "error_route { exit; }", ["E217@1:1"]],
    ["events without name", "event_route { exit; }", ["E201@1:1"]],
    ["events without colon", "event_route[a] { exit; }", ["E201@1:13"]],
    ["modparam without value", 'modparam("a", "b")', ["E201@1:18"]],
    ["a missing port, at its own line", "listen=udp:1.2.3.4:\nchildren=4", ["E201@1:20"]],
    ["flags without comma", "flags A B;", ["E201@1:9"]],
    ["nonsense", "nonsense here", ["E201@1:1"]],
    ["templates", "listen=udp:<x>:5060", ["E201@1:12"]],
  ])("%s", (_, text, expected) => {
    const result = read(`${text}\nroute[Z] { exit; }\n`);
    expect(findings(result)).toEqual(expected);
    expect(result.config.items.at(-1)).toMatchObject({ name: { text: "Z" } });
  });

  it.each([
    "route {$x",
    "route {$x = ",
    "route {@a ",
    "route { f(",
    "$x",
    "listen=",
    "flags",
    "route[",
  ])("%s at the end of the file, with a place in the text", (text) => {
    const { diagnostics } = read(text);
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const { span } of diagnostics) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeLessThanOrEqual(text.length);
    }
  });

  it("an empty text", () => {
    expect(findings(read(""))).toEqual(["E220@1:1"]);
    expect(findings(read("# nothing\n"))).toEqual(["E220@2:1"]);
  });

  it("are collected up to a limit", () => {
    const text = "xlog(;\n".repeat(500);
    expect(read(`route {\n${text}}`).diagnostics).toHaveLength(100);
    expect(read(`route {\n${text}}`, { maxDiagnostics: 7 }).diagnostics).toHaveLength(7);
  });
});
