/** Expressions: rank and side of operators, literals, core words. */
import { describe, expect, it } from "vitest";
import { expression, findings, read, shape, statements } from "../support/harness.ts";

describe("operators", () => {
  it.each([
    ["1 + 2 * 3", "(1 + (2 * 3))"],
    ["1 - 2 - 3", "((1 - 2) - 3)"],
    ["8 / 4 mod 3", "((8 / 4) % 3)"],
    ["1 | 2 & 3 ^ 4", "(1 | (2 & (3 ^ 4)))"],
    ["1 << 2 >> 3", "(1 << (2 >> 3))"],
    ["1 >> 2 << 3", "((1 >> 2) << 3)"],
    ["1 == 2 < 3", "(1 == (2 < 3))"],
    ["1 && 2 || 3 and 4", "((1 && 2) || (3 && 4))"],
    ["1 or 2 and 3", "(1 || (2 && 3))"],
    ["!$a == 1", "((! $a) == 1)"],
    ["not $a && $b", "((! $a) && $b)"],
    ["- $a + 1", "((- $a) + 1)"],
    ["-5 + 1", "(-5 + 1)"],
    ["5 - -3", "(5 - -3)"],
    ["5 -3", "(5 - 3)"],
    ["~1 & 2", "((~ 1) & 2)"],
    ["defined $a && $b", "((defined $a) && $b)"],
    ["(int)$a + 1", "((int: $a) + 1)"],
    ['(str)$a + (int)"1"', '((str: $a) + (int: "1"))'],
    ["(1 + 2) * 3", "((1 + 2) * 3)"],
    ["\"a\" + $b + 'c'", '(("a" + $b) + "c")'],
    ['$a eq "x" or 1 ieq 1', '(($a eq "x") || (1 ieq 1))'],
    ['$a !~ "x"', '($a !~ "x")'],
    ['strlen($a) > strempty("x" + "y")', '((strlen $a) > (strempty ("x" + "y")))'],
    ["f() + g(1, $b)", "(f() + g(1,$b))"],
    ["f(,1)", "f(1)"],
    ["route(A)", "route(word:A)"],
    ["route($a, 1)", "route($a,1)"],
  ])("%s is %s", (text, expected) => {
    expect(shape(expression(text))).toBe(expected);
  });

  it("are not limited in number without need, but limited", () => {
    expect(shape(expression(Array(400).fill("1").join(" + ")))).toContain("1 + 1");
    const text = `request_route { $var(a) = ${Array(600).fill("1").join(" + ")}; }`;
    expect(findings(read(text)).map((entry) => entry.slice(0, 4))).toEqual(["E212"]);
  });

  it.each(["(", "!", "(int)", "-", "f("])("'%s' may not be nested without end", (sign) => {
    const result = read(`request_route { $var(a) = ${sign.repeat(20_000)}1; }`);
    expect(result.diagnostics[0]?.code).toBe("E211");
    expect(result.diagnostics.length).toBe(1);
  });
});

describe("core words", () => {
  it.each([
    ["uri == myself", "(uri == myself)"],
    ["!uri == myself", "(! (uri == myself))"],
    ["myself != src_ip", "(myself != src_ip)"],
    ["method == INVITE", "(method == word:INVITE)"],
    ['method =~ "INV|ACK" && uri == myself', '((method =~ "INV|ACK") && (uri == myself))'],
    ["src_ip == 10.0.0.0/8", "(src_ip == ip:10.0.0.0/8)"],
    ["src_ip == [2001:db8::1]", "(src_ip == ip:2001:db8::1)"],
    ["dst_ip != ::1", "(dst_ip != ip:::1)"],
    ["src_ip == gw-1.example.com", "(src_ip == word:gw-1.example.com)"],
    ["src_ip == $var(a)", "(src_ip == $var)"],
    ["proto == udp", "(proto == UDP:udp)"],
    ["af == INET6", "(af == INET6:INET6)"],
    ["src_port + 1", "E210"],
    ["msg:len > 100 + 1", "(msg:len > (100 + 1))"],
    ['status =~ "2.." || 1', '((status =~ "2..") || 1)'],
  ])("%s is %s", (text, expected) => {
    const result = read(`request_route { $var(x) = ${text}; }`);
    if (expected.startsWith("E")) {
      expect(result.diagnostics.map((entry) => entry.code)).toEqual([expected]);
    } else expect(shape(expression(text))).toBe(expected);
  });
});

describe("numbers", () => {
  it.each([
    ["0", 0],
    ["0x1F", 31],
    ["017", 15],
    ["10b", 2],
    ["yes", 1],
    ["enable", 1],
    ["off", 0],
    ["2147483647", 2_147_483_647],
    ["3000000000", -1_294_967_296],
  ])("%s is %d", (text, value) => {
    expect(expression(text)).toMatchObject({ kind: "number", value });
  });

  it("beyond 32 bits are cut with a warning", () => {
    const result = read("request_route { $var(x) = 99999999999; }");
    expect(findings(result)).toEqual(["W215@1:27"]);
  });
});

describe("strings", () => {
  it.each([
    ['"a" "b"\n "c"', "abc"],
    ['"a\\n\\t\\r\\"\\\\"', 'a\n\t\r"\\'],
    ['"\\d\\1\\x41\\101"', "\\d\\1AA"],
    ['"a\\\nb"', "ab"],
    ["'a\\n\"b'", 'a\\n"b'],
    ['""', ""],
  ])("%s", (text, value) => {
    expect(expression(text)).toMatchObject({ kind: "string", value });
  });
});

describe("arguments of core functions", () => {
  it.each([
    ["forward(1.2.3.4, 5060);", "forward(ip:1.2.3.4,5060)"],
    ["forward(uri:host, uri:port);", "forward(uri:host,uri:port)"],
    ["forward(a-b.example.com);", "forward(word:a-b.example.com)"],
    ["force_send_socket(udp:[::1]:5060);", "force_send_socket(word:udp:[::1]:5060)"],
    ["setflag(3);", "setflag(3)"],
    ["setflag(NAT);", "setflag(word:NAT)"],
    ["force_rport;", "force_rport()"],
    ["udp_mtu_try_proto(TCP);", "udp_mtu_try_proto(TCP:TCP)"],
  ])("%s", (text, expected) => {
    const [first] = statements(text);
    expect(first?.kind === "expression" && shape(first.expression)).toBe(expected);
  });
});
