/** Flows about header and body edits: what is on the wire, and in which order. */
import type { Flow } from "../flow.ts";

/** One script per user part; each is relayed to the user agent server. */
const scripts: Readonly<Record<string, string>> = {
  append: 'append_hf("X-A: 1\\r\\n"); append_hf("X-B: 2\\r\\n");',
  insert: 'insert_hf("X-A: 1\\r\\n"); insert_hf("X-B: 2\\r\\n");',
  both: 'append_hf("X-A: 1\\r\\n"); insert_hf("X-B: 2\\r\\n"); record_route(); append_hf("X-C: 3\\r\\n");',
  after: 'append_hf("X-A: 1\\r\\n", "Call-ID"); insert_hf("X-B: 2\\r\\n", "From");',
  remove: 'remove_hf("X-Multi"); append_hf("X-Multi: new\\r\\n"); remove_hf("Subject");',
  removed:
    'remove_hf("Subject"); if (is_present_hf("Subject")) append_hf("X-Still: yes\\r\\n"); msg_apply_changes(); if (is_present_hf("Subject")) append_hf("X-Still: now\\r\\n");',
  pattern: 'remove_hf_re("^X-"); append_hf("X-Left: $hdr(X-Multi)\\r\\n");',
  subst: 'subst("/^Subject: (.*)$/Subject: was \\1/"); subst_hf("X-Multi", "/one/1/", "a");',
  uri: 'subst_uri("/^sip:(.*)@/sip:new-\\1@/"); $du = "sip:127.0.0.1:UAS_PORT";',
  user: 'subst_user("/user/name/");',
  body: 'set_body("new body", "text/html");',
  replaced: 'replace_body("hello", "good bye");',
  bodysubst: 'subst_body("/hello/HELLO $rU/g");',
  search: 'search_append("Subject: ", "(searched) "); search_append_body("hello", ", world");',
  apply:
    'append_hf("X-A: 1\\r\\n"); msg_apply_changes(); append_hf("X-B: $hdr(X-A)\\r\\n"); remove_hf("X-A");',
  replace: 'replace("Subject: sub", "Subject: SUB"); replace_all("l", "L");',
  bodyless: "remove_body();",
  branch: 'append_hf("X-Main: 1\\r\\n"); t_on_branch("B");',
  two: 'append_hf("P-Hint: one\\r\\n"); append_hf("P-Hint: two\\r\\n"); remove_hf("P-Hint");',
  multi: 'remove_hf_exp("^X-Multi$", "^Nothing$"); insert_hf("X-Top: $rm $ru\\r\\n", "Via");',
  values:
    'append_hf_value("X-Multi", "three"); remove_hf_value("X-Multi[0]"); insert_hf_value("X-New", "v");',
  time: 'append_hf("X-Var: $var(none) $null $(hdr(X-Multi)[*])\\r\\n");',
};

const config = `request_route {
  switch ($rU) {
${Object.entries(scripts)
  .map(([user, script]) => `    case "${user}-user": ${script} break;`)
  .join("\n")}
  }
  t_on_reply("R");
  t_relay();
}
branch_route[B] { append_hf("X-Branch: $T_branch_idx\\r\\n"); remove_hf("Subject"); }
onreply_route[R] {
  if ($(T_req($rU)) == "append-user") { append_hf("X-R: 1\\r\\n"); insert_hf("X-S: 2\\r\\n"); remove_hf("Server"); }
  if ($(T_req($rU)) == "body-user") { set_body("reply body", "text/x-reply"); }
  if ($(T_req($rU)) == "branch-user") { change_reply_status("299", "Changed"); }
}
`;

export const editFlows: readonly Flow[] = Object.keys(scripts).map((user) => ({
  name: `edits: ${user}`,
  agents: ["uac", "uas"],
  config,
  async play(stage) {
    const headers =
      "Subject: subject\r\nX-Multi: one\r\nP-Other: kept\r\nX-Multi: two, more\r\n  folded\r\nContent-Type: text/plain\r\n";
    const uri = `sip:${user}-user@127.0.0.1:${String(stage.agent("uas").port)}`;
    stage.send(
      "uac",
      stage.request("uac", "MESSAGE", { uri, headers, body: "hello\r\nsecond line\r\n" }),
    );
    const arrived = await stage.take("uas", "MESSAGE");
    stage.reply("uas", arrived, 200, { headers: "Server: uas\r\nX-U: u\r\n", body: "ok" });
    await stage.agent("uac").take((text) => text.startsWith("SIP/2.0 2"));
  },
}));
