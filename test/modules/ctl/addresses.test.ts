/** Where the ctl module listens, as its parameter says it. */
import { describe, expect, it } from "vitest";
import { parseControlAddress } from "../../../src/modules/ctl/addresses.ts";

describe("addresses of control sockets", () => {
  it.each([
    ["unix:/run/x/ctl", "/run/x/ctl"],
    ["unixs:/tmp/unix_stream", "/tmp/unix_stream"],
    ["/tmp/unix_test", "/tmp/unix_test"],
    ["unixs:kamailio_ctl", "/run/here/kamailio_ctl"],
    ["./below", "/run/here/below"],
  ])("%s is a socket in the file system", (text, path) => {
    expect(parseControlAddress(text, "/run/here")).toEqual({ kind: "unixs", path });
  });

  it.each([
    ["udp:localhost:2046", "udp", "localhost", 2046],
    ["localhost:3000", "udp", "localhost", 3000],
    ["tcp:localhost:2046", "tcp", "localhost", 2046],
    ["tcp:3012", "tcp", "0.0.0.0", 3012],
    ["udp:*:3012", "udp", "0.0.0.0", 3012],
    ["udp:[::1]:3012", "udp", "::1", 3012],
    ["tcp:192.0.2.1", "tcp", "192.0.2.1", 2049],
  ])("%s is %s %s %i", (text, kind, host, port) => {
    expect(parseControlAddress(text, "/run/here")).toEqual({ kind, host, port });
  });

  it.each([
    ["unixd:/tmp/x", /use unixs:PATH/],
    ["unixs:", /path .* missing/],
    ["udp:1.2.3.4:99999", /99999 is no port/],
    ["tcp:a:b:c", /no address and port/],
    ["tcps:localhost:1", /no address and port/],
  ])("%s is refused with a sentence", (text, says) => {
    expect(parseControlAddress(text, "/run/here")).toMatch(says);
  });
});
