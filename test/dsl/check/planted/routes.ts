/** Faults: route blocks, statements, loops, conditions. */
import { type Fault, inRoute, whole } from "./fault.ts";

const main = `request_route {\n  exit;\n}\n`;

export const routeFaults: readonly Fault[] = [
  whole(
    "route twice",
    "E601",
    `request_route {\n  route(A);\n}\nroute[A] {\n  exit;\n}\nroute[A] { #^\n  exit;\n}`,
  ),
  whole("request_route twice", "E601", `${main}request_route { #^\n  exit;\n}`),
  whole("route and request_route", "E601", `${main}route { #^\n  exit;\n}`),
  whole("route[0] and request_route", "E601", `${main}route[0] { #^\n  exit;\n}`),
  whole(
    "number and quoted number",
    "E601",
    `request_route {\n  route(1);\n}\nroute[1] {\n  exit;\n}\nroute["1"] { #^\n  exit;\n}`,
  ),
  whole(
    "failure route twice",
    "E601",
    `request_route {\n  t_on_failure("F");\n}\nfailure_route[F] {\n  exit;\n}\nfailure_route[F] { #^\n  exit;\n}`,
  ),
  whole(
    "branch route twice",
    "E601",
    `request_route {\n  t_on_branch("B");\n}\nbranch_route[B] {\n  exit;\n}\nbranch_route[B] { #^\n  exit;\n}`,
  ),
  whole(
    "onreply route twice",
    "E601",
    `request_route {\n  t_on_reply("R");\n}\nonreply_route[R] {\n  exit;\n}\nonreply_route[R] { #^\n  exit;\n}`,
  ),
  whole(
    "event route twice",
    "E601",
    `${main}event_route[tm:local-request] {\n  exit;\n}\nevent_route[tm:local-request] { #^\n  exit;\n}`,
  ),
  whole(
    "reply_route twice",
    "E601",
    `${main}reply_route {\n  exit;\n}\nonreply_route { #^\n  exit;\n}`,
  ),
  whole(
    "onsend_route twice",
    "E601",
    `${main}onsend_route {\n  exit;\n}\nonsend_route { #^\n  exit;\n}`,
  ),

  whole(
    "t_relay in a reply route",
    "E602",
    `request_route {\n  t_on_reply("R");\n}\nonreply_route[R] {\n  t_relay(); #^\n}`,
  ),
  whole("t_relay in the global reply route", "E602", `${main}reply_route {\n  t_relay(); #^\n}`),
  whole(
    "t_relay in a branch route",
    "E602",
    `request_route {\n  t_on_branch("B");\n}\nbranch_route[B] {\n  t_relay(); #^\n}`,
  ),
  whole("t_relay in onsend_route", "E602", `${main}onsend_route {\n  t_relay(); #^\n}`),
  whole(
    "loose_route in a failure route",
    "E602",
    `request_route {\n  t_on_failure("F");\n}\nfailure_route[F] {\n  loose_route(); #^\n}`,
  ),
  whole("t_drop_replies in request_route", "E602", `request_route {\n  t_drop_replies(); #^\n}`),
  whole(
    "t_drop_replies in a sub-route",
    "E602",
    `request_route {\n  route(A);\n}\nroute[A] {\n  t_drop_replies(); #^\n}`,
  ),
  whole(
    "sl_send_reply in a branch route",
    "E602",
    `request_route {\n  t_on_branch("B");\n}\nbranch_route[B] {\n  sl_send_reply("500", "a"); #^\n}`,
  ),
  whole(
    "save in a failure route",
    "E602",
    `request_route {\n  t_on_failure("F");\n}\nfailure_route[F] {\n  save("location"); #^\n}`,
  ),
  inRoute("snd_ip in request_route", "E602", `if (snd_ip == 1.2.3.4) exit;`),
  inRoute("to_port in request_route", "E602", `if (to_port == 5060) exit;`),
  whole(
    "t_relay in a route called from a reply route",
    "W603",
    `request_route {\n  t_on_reply("R");\n}\nonreply_route[R] {\n  route(A);\n}\nroute[A] {\n  t_relay(); #^\n}`,
  ),

  inRoute("case twice", "W604", `switch ($rc) { case 1: exit; case 2: exit; case 1: return; }`),
  inRoute("text case twice", "W604", `switch ($rU) { case "a": exit; case "a": return; }`),
  inRoute("number and text cases", "E223", `switch ($rU) { case "a": exit; case 1: return; }`),
  inRoute("regex and number cases", "E223", `switch ($rU) { case /"^a": exit; case 1: return; }`),
  inRoute("default twice", "E222", `switch ($rc) { default: exit; default: return; }`),

  whole("after exit", "W607", `request_route {\n  exit;\n  xlog("a\\n"); #^\n}`),
  whole(
    "after return",
    "W607",
    `request_route {\n  route(A);\n}\nroute[A] {\n  return 1;\n  t_relay(); #^\n}`,
  ),
  whole(
    "after drop",
    "W607",
    `request_route {\n  t_on_branch("B");\n}\nbranch_route[B] {\n  drop;\n  xlog("a\\n"); #^\n}`,
  ),
  whole(
    "after break",
    "W607",
    `request_route {\n  while ($var(i) < 3) {\n    $var(i) = $var(i) + 1;\n    break;\n    xlog("a\\n"); #^\n  }\n}`,
  ),
  whole(
    "after an if that always leaves",
    "W607",
    `request_route {\n  if (has_totag()) {\n    exit;\n  } else {\n    return;\n  }\n  xlog("a\\n"); #^\n}`,
  ),
  whole(
    "after a switch that always leaves",
    "W607",
    `request_route {\n  switch ($rc) {\n    case 1: exit;\n    default: return;\n  }\n  xlog("a\\n"); #^\n}`,
  ),
  whole(
    "in a nested block",
    "W607",
    `request_route {\n  if (has_totag()) {\n    exit;\n    t_relay(); #^\n  }\n}`,
  ),
  whole(
    "two after exit are one fault",
    "W607",
    `request_route {\n  exit;\n  xlog("a\\n"); #^\n  xlog("b\\n");\n}`,
  ),
  whole(
    "in a case after exit",
    "W607",
    `request_route {\n  switch ($rc) {\n    case 1:\n      exit;\n      xlog("a\\n"); #^\n      break;\n  }\n}`,
  ),
  whole(
    "exit before a reply",
    "W607",
    `request_route {\n  if (!has_totag()) {\n    exit;\n    sl_send_reply("404", "a"); #^\n  }\n}`,
  ),

  inRoute("while (1) without a way out", "W608", `while (1) { xlog("a\\n"); }`),
  inRoute("while (yes) without a way out", "W608", `while (yes) { xlog("a\\n"); }`),
  whole(
    "counter that is not counted",
    "W608",
    `request_route {\n  $var(i) = 0;\n  while ($var(i) < 10) { #^\n    xlog("a\\n");\n  }\n}`,
  ),
  whole(
    "another counter is counted",
    "W608",
    `request_route {\n  $var(i) = 0;\n  while ($var(i) < 10) { #^\n    $var(j) = $var(j) + 1;\n  }\n}`,
  ),
  whole(
    "break that leaves a switch only",
    "W608",
    `request_route {\n  while (1) { #^\n    switch ($rc) { case 1: break; }\n  }\n}`,
  ),

  inRoute("if (0)", "W609", `if (0) { exit; }`),
  inRoute("if (1)", "W609", `if (1) { exit; }`),
  inRoute("text as a condition", "W609", `if ("a") { exit; }`),
  inRoute("constant comparison", "W609", `if (1 == 2) { exit; }`),
  inRoute("while (0)", "W609", `while (0) { xlog("a\\n"); }`),

  whole(
    "route that calls itself",
    "W610",
    `request_route {\n  route(A);\n}\nroute[A] {\n  route(A); #^\n}`,
  ),
  whole(
    "routes that call each other",
    "W610",
    `request_route {\n  route(A);\n}\nroute[A] {\n  route(B);\n}\nroute[B] {\n  route(A); #^\n}`,
  ),

  inRoute("break outside of a loop", "W611", `break;`),
  inRoute("break in an if", "W611", `if (has_totag()) { break; }`),
  inRoute("semicolon behind if", "W613", `if (has_totag()); exit;`),
  inRoute("semicolon behind while", "W613", `while ($var(i) < 5);`),
  inRoute("contradiction", "W418", `if ($rm == "INVITE" && $rm == "BYE") exit;`),
  inRoute("always different", "W609", `if ($rm != "INVITE" || $rm != "BYE") exit;`),
  inRoute("forgotten comparison", "W609", `if ($var(x) == 1 || 2) exit;`),
  whole(
    "condition twice",
    "W616",
    `request_route {\n  if (is_method("INVITE")) {\n    exit;\n  } else if (is_method("INVITE")) { #^\n    return;\n  }\n}`,
  ),
  inRoute("bits of truth values", "W618", `if (is_method("INVITE") & has_totag()) exit;`),
  whole(
    "wrong direction",
    "W608",
    `request_route {\n  $var(i) = 0;\n  while ($var(i) < 10) { #^\n    $var(i) = $var(i) - 1;\n  }\n}`,
  ),
];
