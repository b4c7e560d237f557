/** What real Kamailio 5.6.3 made of expressions: asked with probes of our own, the answers as literals. */

/** Set before each probe. */
export const probeVariables: Readonly<Record<string, string | number>> = {
  s: "5",
  i: 3,
  m: -7,
  zero: 0,
  b: 2147483647,
  c: "12abc",
  n: 33,
  e: "",
  e2: "-2",
  ten: "10",
  nine: "9",
  abc: "abc",
  ABC: "ABC",
  x1: "0x1f",
  o: "010",
  sp: " 12",
  t: "12 ",
  neg: "-12",
  plus: "+12",
  big: "99999999999",
  big2: "4294967296",
  b3: "2147483648",
  dot: "a.b",
  tab: "\t7",
  zx: "0x",
  b10: "10b",
  uhex: "0X1F",
  mhex: "-0x1f",
  o8: "08",
  bad: "(",
  ml: "line1\nline2",
  bs: "a\\b",
  d: "x5",
  br: "a[b]c",
};

/** Routes that the probes call; the request is an OPTIONS. */
export const probeRoutes = `
route[Rm] { return -3; }
route[Rp] { return 5; }
route[F31] { return !is_method("INVITE"); }
route[F33] { return route(Rp); }
route[F34] { return 3 == 3; }
route[F35] { return $var(e2); }
route[F36] { return -1 * 5; }
route[F37] { return(7); }
route[F38] { return is_method("OPTIONS") && is_method("OPTIONS"); }
route[F39] { return (is_method("INVITE") || is_method("OPTIONS")); }
route[F40] { return -route(Rp); }
route[F42] { if (is_method("OPTIONS")) { route(Rm); } }
route[F43] { if (is_method("OPTIONS")) { return; } }
route[F44] { is_method("INVITE"); setflag(3); }
route[F45] { is_method("INVITE"); return; }
route[Rn] { return; }
route[Rexp] { return 2 + 3; }
route[Rfall] { $var(z) = 1; }
route[Rfall2] { is_method("INVITE"); }
route[Rfall2b] { is_method("OPTIONS"); }
route[Rfall3] { if (is_method("INVITE")) { xlog("no"); } }
route[Rfall4] { if (is_method("OPTIONS")) { $var(z) = 1; } }
route[Rfall5] { if (!is_method("OPTIONS")) { $var(z) = 1; } }
route[Rfall6] { is_method("INVITE"); $var(z) = 1; }
route[Rfall7] { route(Rm); }
route[Rfall8] { route(Rm); $var(z)=2; }
route[Rbreak] { is_method("INVITE"); break; xlog("L_ERR", "after break\\n"); }
route[Rretb] { if (1) { return -4; } xlog("L_ERR", "not here\\n"); }
route[Rwret] { while(1) { return 9; } return 1; }
route[Rsw] { switch(1) { case 1: return 8; } return 1; }
route[Rempty] { ; }
route[F1] { if (is_method("OPTIONS")) { is_method("INVITE"); } }
route[F2] { if (is_method("INVITE")) { $var(z)=1; } else { is_method("INVITE"); } }
route[F3] { is_method("INVITE"); if (is_method("INVITE")) { $var(z)=1; } }
route[F4] { is_method("INVITE"); while (is_method("INVITE")) { $var(z)=1; } }
route[F5] { $var(k)=0; while ($var(k)<2) { $var(k)=$var(k)+1; is_method("INVITE"); } }
route[F6] { $var(k)=0; while ($var(k)<2) { $var(k)=$var(k)+1; is_method("INVITE"); break; } }
route[F7] { is_method("INVITE"); switch(3) { case 1: $var(z)=1; } }
route[F8] { switch(3) { case 3: is_method("INVITE"); } }
route[F9] { switch(3) { case 3: is_method("INVITE"); break; } }
route[F10] { switch(3) { case 3: is_method("OPTIONS"); break; } }
route[F11] { is_method("INVITE"); ; }
route[F14] { $var(x) = 1 / $var(zero); }
route[F15] { if (is_method("OPTIONS")) { if (is_method("INVITE")) { $var(z)=1; } } }
route[F16] { is_method("INVITE"); if ($rc == 7) { $var(z) = 1; } }
route[F17] { $var(z) = is_method("INVITE"); }
route[F18] { $var(k)=0; while ($var(k)<2) { $var(k)=$var(k)+1; if ($var(k)==1) break; } }
route[F19] { if (is_method("INVITE")) ; else ; }
route[F20] { if (1==1) { break; } is_method("INVITE"); }
route[F21] { switch(3) { case 3: return -9; } }
route[F22] { switch(3) { case 3: while(1) { break; } is_method("INVITE"); } }
route[F23] { switch(3) { case 3: while(1) { break; } } }
route[F24] { force_rport(); }
route[F25] { setflag(3); }
route[F26] { isflagset(4); }
route[F27] { xlog("x\\n"); }
route[F28] { while($var(k2) < 1) { $var(k2)=$var(k2)+1; return -6; } }
`;

/** The value that `$var(a) = EXPRESSION` assigned, as text. */
export const valueTable: readonly (readonly [expression: string, value: string])[] = [
  ['"5" + 3', "53"],
  ["3 + $var(s)", "8"],
  ["3 + $var(c)", "3"],
  ["3 + $var(abc)", "3"],
  ["$var(s) + $var(i)", "53"],
  ["$var(i) + $var(s)", "8"],
  ["$null + $var(i)", "3"],
  ["$var(i) + $null", "3"],
  ["$null + $var(s)", "5"],
  ["$var(s) + $null", "5"],
  ["$null + $null", ""],
  ["$avp(u) + $avp(v)", ""],
  ['$avp(u) + "x"', "x"],
  ["$avp(u) + 3", "3"],
  ["$var(s) - 2", "3"],
  ["$var(s) * 2", "10"],
  ["7 / 2", "3"],
  ["-7 / 2", "-3"],
  ["$var(m) / 2", "-3"],
  ["$var(m) mod 3", "-1"],
  ["7 / $var(zero)", "<unset>"],
  ["7 mod $var(zero)", "<unset>"],
  ["7 / 0", "<unset>"],
  ["2147483647 + 1", "-2147483648"],
  ["$var(b) + 1", "-2147483648"],
  ["$var(b) * $var(b)", "1"],
  ["1 << 31", "-2147483648"],
  ["1 << 33", "2"],
  ["1 << $var(n)", "2"],
  ["$var(m) >> 1", "-4"],
  ["~5", "-6"],
  ["6 & 3", "2"],
  ["6 | 3", "7"],
  ["6 ^ 3", "5"],
  ['(int)"12abc"', "0"],
  ['(int)"12"', "12"],
  ['(int)"0x1f"', "31"],
  ["(int)$var(c)", "0"],
  ["(int)$var(abc)", "0"],
  ["(int)$var(e)", "0"],
  ["(int)$null", "0"],
  ["(str)$null", ""],
  ["(str)5 + 3", "53"],
  ['(str)5 + "3"', "53"],
  ['(int)"5" + 3', "8"],
  ["(int)$var(s) + $var(s)", "10"],
  ["-$var(s)", "-5"],
  ["-$var(abc)", "0"],
  ["!$var(abc)", "1"],
  ["!$var(zero)", "1"],
  ["!$var(e)", "1"],
  ["!$null", "1"],
  ["!$avp(u)", "1"],
  ["5 && 7", "1"],
  ["5 || 7", "1"],
  ["0 || 7", "1"],
  ["5 && 0", "0"],
  ["$var(s) && $var(abc)", "0"],
  ["$var(e) && $var(abc)", "0"],
  ["3 > 2", "1"],
  ["3 < 2", "0"],
  ["$var(ten) > $var(nine)", "1"],
  ["$var(abc) > $var(nine)", "0"],
  ["$var(abc) >= 0", "1"],
  ['strlen("abc")', "3"],
  ["strlen($null)", "0"],
  ["strlen($var(m))", "2"],
  ['strempty("")', "1"],
  ["strempty($null)", "1"],
  ["strempty($avp(u))", "1"],
  ["strempty($var(zero))", "0"],
  ["strempty($var(m))", "0"],
  ["defined $null", "0"],
  ["defined $avp(u)", "0"],
  ["defined $var(nevr)", "1"],
  ["defined $ua", "1"],
  ["defined $hdr(X)", "0"],
  ["0x7fffffff", "2147483647"],
  ["0xffffffff", "-1"],
  ['"a" == "a"', "1"],
  ['"a" == $var(abc)', "0"],
  ["1 == 1", "1"],
  ['"x" + "y"', "xy"],
  ['"n=$var(i)"', "n=$var(i)"],
  ['"n=$avp(u)"', "n=$avp(u)"],
  ['"$avp(u)"', "$avp(u)"],
  ['"$var(i)" + 1', "$var(i)1"],
  ["$var(i) + $var(i)", "6"],
  ["$rU + 1", "bob1"],
  ["$var(s) | 8", "13"],
  ["$var(i) | $var(s)", "7"],
  ["route(Rm)", "-3"],
  ["route(Rp)", "5"],
  ['is_method("INVITE")', "-1"],
  ['is_method("OPTIONS")', "1"],
  ['!is_method("INVITE")', "1"],
  ['is_method("INVITE") || 0', "-1"],
  ["route(Rm) + 10", "10"],
  ["(int)$var(x1)", "31"],
  ["(int)$var(o)", "10"],
  ["(int)$var(sp)", "0"],
  ["(int)$var(t)", "0"],
  ["(int)$var(neg)", "-12"],
  ["(int)$var(plus)", "12"],
  ["(int)$var(big)", "0"],
  ["(int)$var(big2)", "0"],
  ["(int)$var(b3)", "0"],
  ["(int)$var(dot)", "0"],
  ["(int)$var(tab)", "0"],
  ["(int)$var(zx)", "0"],
  ["(int)$var(b10)", "0"],
  ["(int)$var(uhex)", "31"],
  ["(int)$var(mhex)", "0"],
  ["(int)$var(o8)", "8"],
  ["0 + $var(big)", "0"],
  ["0 + $var(x1)", "31"],
  ['"a" + 1 + 2', "a12"],
  ["1 + 2 + $var(abc)", "3"],
  ['$var(i) + 2 + "a"', "5"],
  ["$var(i) + 2 + $var(abc)", "5"],
  ['"a" + ($var(i) + 2)', "a5"],
  ["$var(abc) + 1 + 2", "abc12"],
  ['$var(abc) + $var(zero) + ""', "abc0"],
  ['$var(i) + ""', "3"],
  ['"" + $var(i)', "3"],
  ["(str)$var(i) + $var(i)", "33"],
  ["$var(s) + 5 - 1", "9"],
  ["10 - 3 - 2", "5"],
  ["2 * 3 + 4 * 5", "26"],
  ["7 / 2 * 2", "6"],
  ["1 + 2 << 3", "24"],
  ["1 | 2 ^ 3 & 2", "1"],
  ["5 & 3 == 3", "1"],
  ["1 == 1 == 1", "1"],
  ["-2 * 3", "-6"],
  ["- - 3", "3"],
  ["!0 + 1", "2"],
  ["!1 == 0", "1"],
  ["~0 & 255", "255"],
  ["($var(i) == 3) + ($var(i) == 3)", "2"],
  ["$var(i) == 3 || $var(nope) == 1", "1"],
  ['strlen("ab" + $var(abc))', "5"],
  ["defined $var(e)", "1"],
  ["$null", "0"],
  ["$avp(u)", "0"],
  ["$var(neverset)", "0"],
  ['$avp(n) + $avp(n) + "z"', "z"],
  ["$var(zero) != $null", "1"],
  ["route(Rp) + 10", "11"],
  ['is_method("OPTIONS") && is_method("INVITE")', "0"],
  ["route(Rp) || 0", "5"],
  ["route(Rp) && 1", "5"],
  ["1 && route(Rp)", "5"],
  ["1 && route(Rm)", "-3"],
  ["$var(i) && route(Rm)", "0"],
  ["0 || route(Rm)", "-3"],
  ["0 || route(Rp)", "5"],
  ["(int)route(Rm)", "0"],
  ["(str)route(Rp)", "1"],
  ['"r" + route(Rm)', "r0"],
  ['"r" + route(Rp)', "r1"],
  ["-route(Rp)", "-1"],
  ["route(Rp) * 2", "2"],
  ["$var(i) * 0", "0"],
  ["$var(i) + 0", "3"],
  ["$var(s) + 0", "50"],
  ["$var(s) * 1", "5"],
  ["$var(s) || 0", "5"],
  ["0 || $var(s)", "5"],
  ["$var(s) && 1", "5"],
  ["$var(i) && 1", "3"],
  ["$var(i) || 0", "3"],
  ["$var(i) | 0", "3"],
  ['"" + $var(i) + ""', "3"],
  ["$var(s) - 0", "5"],
  ["$var(s) / 1", "5"],
  ["$var(m) && $var(i)", "1"],
  ["$var(m) || $var(zero)", "1"],
  ["!$var(m)", "0"],
  ["$var(abc) =~ $var(bad)", "<unset>"],
];
