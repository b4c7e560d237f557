/** Authentication, events, dates, identifiers and keys. */
import { describe, expect, it } from "vitest";
import { formatChallenge, formatCredentials, parseAuth } from "../../src/sip/auth.ts";
import { lowerAscii, ownText, quote, unquote } from "../../src/sip/chars.ts";
import { formatDate, parseDate, parseRetryAfter } from "../../src/sip/dates.ts";
import { parseEvent, parseSubscriptionState } from "../../src/sip/event.ts";
import {
  cancelledKey,
  clientKey,
  hash32,
  hasCookie,
  IdSource,
  replyKey,
  statelessBranch,
  transactionKey,
} from "../../src/sip/ids.ts";
import { reasonPhrase } from "../../src/sip/reasons.ts";
import { lines, message, request } from "./support.ts";

describe("authentication", () => {
  it("reads credentials", () => {
    const auth = parseAuth(
      'Digest username="bob", realm="a, \\"b\\"",\r\n nonce="n==" ,uri="sip:h;x=y",qop=auth,nc=00000001,' +
        'cnonce="c",response="r",algorithm=MD5,opaque=""',
    );
    expect(auth).toMatchObject({
      isDigest: true,
      username: "bob",
      realm: 'a, "b"',
      nonce: "n==",
      uri: "sip:h;x=y",
      qop: "auth",
      nc: "00000001",
      cnonce: "c",
      response: "r",
      algorithm: "MD5",
      opaque: "",
    });
    expect(auth?.param("opaque")).toBe("");
    expect(auth?.param("stale")).toBeUndefined();
  });

  it("reads a challenge", () => {
    const auth = parseAuth('digest realm="r",nonce="n",stale=TRUE,qop="auth,auth-int"');
    expect(auth).toMatchObject({
      scheme: "digest",
      isDigest: true,
      stale: true,
      qop: "auth,auth-int",
    });
  });

  it("takes the first of a repeated parameter", () => {
    expect(parseAuth('Digest realm="a",REALM="b"')?.realm).toBe("a");
  });

  it.each(["", "Digest", 'Digest realm="open', "Digest realm", "Digest a=1 b=2", "Digest =1"])(
    "refuses %j",
    (value) => {
      expect(parseAuth(value)).toBeUndefined();
    },
  );

  it("writes what it reads", () => {
    const params = [
      ["realm", 'a"b\\'],
      ["qop", "auth"],
      ["algorithm", "MD5"],
      ["nc", "00000001"],
    ] as const;
    expect(formatChallenge("Digest", params)).toBe(
      'Digest realm="a\\"b\\\\", qop="auth", algorithm=MD5, nc=00000001',
    );
    const credentials = formatCredentials("Digest", params);
    expect(credentials).toContain("qop=auth,");
    expect([...(parseAuth(credentials)?.entries() ?? [])]).toEqual(params);
  });
});

describe("events", () => {
  it("reads Event", () => {
    expect(parseEvent(" Presence.Winfo ; id=7;x")).toEqual({
      name: "presence.winfo",
      id: "7",
      params: " id=7;x",
    });
    expect(parseEvent("reg")).toEqual({ name: "reg", id: "", params: "" });
    expect(parseEvent("")).toBeUndefined();
    expect(parseEvent("reg x")).toBeUndefined();
  });

  it("reads Subscription-State", () => {
    expect(parseSubscriptionState("Active;expires=60")).toEqual({
      state: "active",
      reason: "",
      expires: 60,
      retryAfter: -1,
    });
    expect(parseSubscriptionState("terminated; reason=Timeout ;retry-after=5")).toEqual({
      state: "terminated",
      reason: "timeout",
      expires: -1,
      retryAfter: 5,
    });
    expect(parseSubscriptionState(";x")).toBeUndefined();
  });
});

describe("dates", () => {
  it.each([
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [951782399, "Mon, 28 Feb 2000 23:59:59 GMT"],
    [951782400, "Tue, 29 Feb 2000 00:00:00 GMT"],
    [1289690940, "Sat, 13 Nov 2010 23:29:00 GMT"],
    [4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"],
  ])("%d is %s", (seconds, text) => {
    expect(formatDate(seconds)).toBe(text);
    expect(parseDate(text)).toBe(seconds);
  });

  it.each([
    "Fri, 01 Jan 2010 16:00:00 EST",
    "Foo, 01 Jan 2010 16:00:00 GMT",
    "Fri, 01 Foo 2010 16:00:00 GMT",
    "Fri, 32 Jan 2010 16:00:00 GMT",
    "Fri, 01 Jan 2010 24:00:00 GMT",
    "2010-01-01",
    "",
  ])("refuses %j", (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  it("reads Retry-After", () => {
    expect(parseRetryAfter("18000;duration=3600")).toEqual({ seconds: 18000, duration: 3600 });
    expect(parseRetryAfter("120 (I'm in a meeting)")).toEqual({ seconds: 120, duration: -1 });
    expect(parseRetryAfter("949302838503028349304023988")).toBeUndefined();
    expect(parseRetryAfter("5 (open")).toBeUndefined();
    expect(parseRetryAfter("soon")).toBeUndefined();
  });
});

describe("identifiers", () => {
  const counting = (): IdSource => {
    let next = 1;
    return new IdSource((pool) => {
      for (let i = 0; i < pool.length; i++) pool[i] = next++ * 2654435761;
    });
  };

  it("never repeats while the source does not", () => {
    const ids = counting();
    const seen = new Set(Array.from({ length: 5000 }, () => ids.token()));
    expect(seen.size).toBe(5000);
  });

  it("makes branches, tags and Call-IDs of tokens", () => {
    const ids = counting();
    expect(ids.branch(2)).toMatch(/^z9hG4bK[0-9a-z]+\.2$/);
    expect(ids.tag()).toMatch(/^[0-9a-z]{4,14}$/);
    expect(ids.callId("h")).toMatch(/^[0-9a-z]+@h$/);
  });

  it("hashes well enough", () => {
    const values = new Set(Array.from({ length: 20000 }, (_, i) => hash32(`z9hG4bK${i}`, 1)));
    expect(values.size).toBeGreaterThan(19990);
    expect(hash32("a", 1)).not.toBe(hash32("a", 2));
  });

  it("gives retransmissions the same stateless branch", () => {
    expect(statelessBranch(request(), 1)).toBe(statelessBranch(request(), 1));
    expect(statelessBranch(request(), 1)).not.toBe(statelessBranch(request(), 2));
    expect(hasCookie(statelessBranch(request(), 1))).toBe(true);
  });
});

describe("transaction keys", () => {
  const invite = (branch: string, method: string, extra = ""): ReturnType<typeof message> =>
    message(
      lines([
        `${method} sip:b@h SIP/2.0`,
        `Via: SIP/2.0/UDP Host:5060;branch=${branch}`,
        "From: <sip:a@h>;tag=1",
        `To: <sip:b@h>${extra}`,
        "Call-ID: c",
        `CSeq: 1 ${method}`,
      ]),
    );

  it.each(["z9hG4bKabc", "old-style", ""])("brings ACK and CANCEL to the INVITE: %j", (branch) => {
    const key = transactionKey(invite(branch, "INVITE"));
    expect(transactionKey(invite(branch, "ACK", ";tag=t"))).toBe(key);
    expect(cancelledKey(invite(branch, "CANCEL"))).toBe(key);
    expect(transactionKey(invite(branch, "CANCEL"))).not.toBe(key);
  });

  it("does not rely on the cookie alone", () => {
    expect(hasCookie("z9hG4bK")).toBe(false);
    const other = message(invite("z9hG4bK", "INVITE").text.replace("Call-ID: c", "Call-ID: d"));
    expect(transactionKey(other)).not.toBe(transactionKey(invite("z9hG4bK", "INVITE")));
  });

  it("takes sent-by into account, in any case", () => {
    const text = invite("z9hG4bKabc", "INVITE").text;
    const key = transactionKey(message(text));
    expect(transactionKey(message(text.replace("Host:", "hOST:")))).toBe(key);
    expect(transactionKey(message(text.replace("Host:", "other:")))).not.toBe(key);
  });

  it("finds the client transaction of a reply", () => {
    const reply = message(
      lines(["SIP/2.0 200 OK", "Via: SIP/2.0/UDP h;branch=b1", "CSeq: 1 CANCEL"]),
    );
    expect(replyKey(reply)).toBe(clientKey("b1", "CANCEL"));
    expect(replyKey(reply)).not.toBe(clientKey("b1", "INVITE"));
    expect(clientKey("b1", "ACK")).toBe(clientKey("b1", "INVITE"));
    expect(replyKey(message(lines(["SIP/2.0 200 OK", "Via: SIP/2.0/UDP h"])))).toBe("");
  });
});

describe("texts", () => {
  it("quotes and unquotes", () => {
    expect(quote('a"b\\c')).toBe('"a\\"b\\\\c"');
    expect(unquote(quote('a"b\\c'))).toBe('a"b\\c');
    expect(unquote("plain")).toBe("plain");
    expect(unquote('"')).toBe('"');
  });

  it("copies every byte", () => {
    const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
    expect(ownText(all)).toBe(all);
    expect(ownText("short")).toBe("short");
    expect(lowerAscii("ÀÉ AbC \xc0")).toBe("ÀÉ abc \xc0");
  });

  it("has a phrase for every code", () => {
    expect(reasonPhrase(200)).toBe("OK");
    expect(reasonPhrase(499)).toBe("Bad Request");
    expect(reasonPhrase(699)).toBe("Declined");
    expect(reasonPhrase(799)).toBe("Unknown");
  });
});
