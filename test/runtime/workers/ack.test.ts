/** The ACK of a 2xx comes to the worker of the contact: the one that accounts for the call is told. */
import { expect, it } from "vitest";
import { startWorkers, userOf } from "./several.ts";

const config = `
  debug=2
  loadmodule "tm.so"
  loadmodule "sl.so"
  loadmodule "pv.so"
  loadmodule "textops.so"
  loadmodule "acc.so"
  modparam("acc", "log_flag", 1)
  modparam("acc", "report_ack", 1)
  request_route {
    setflag(1);
    if (is_method("INVITE")) $ru = "sip:" + $hdr(X-Contact) + "@10.0.0.2:5060";
    t_relay();
  }
`;

function request(method: string, uri: string, to: string): string {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-${method}`,
    "From: <sip:a@example.com>;tag=f",
    `To: ${to}`,
    "Call-ID: acknowledged",
    `CSeq: 1 ${method}`,
    "Max-Forwards: 70",
    `X-Contact: ${userOf(1)}`,
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
}

it("accounts for it once", async () => {
  const workers = await startWorkers(config);
  const caller = workers.peer(1);
  const callee = workers.peer(2);
  const to = `<sip:${userOf(0)}@example.com>`;
  await workers.send(0, caller, request("INVITE", `sip:${userOf(0)}@example.com`, to));
  const via = (callee.packets[0]?.text ?? "")
    .split("\r\n")
    .filter((line) => line.startsWith("Via"));
  const ok =
    `SIP/2.0 200 OK\r\n${via.join("\r\n")}\r\nFrom: <sip:a@example.com>;tag=f\r\nTo: ${to};tag=t\r\n` +
    "Call-ID: acknowledged\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
  await workers.send(0, callee, ok);
  expect(caller.packets.at(-1)?.text).toContain("SIP/2.0 200 OK");
  await workers.send(1, caller, request("ACK", `sip:${userOf(1)}@10.0.0.2:5060`, `${to};tag=t`));
  expect(callee.packets.at(-1)?.text).toContain("ACK sip:");
  const accounted = workers.logs.map(
    (log) => log.lines.filter(({ text }) => text.includes("request acknowledged")).length,
  );
  expect(accounted).toEqual([1, 0]);
  await workers.stop();
});
