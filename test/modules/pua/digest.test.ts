/** Answers to challenges: known values, and which challenge is taken. */
import { describe, expect, it } from "vitest";
import { answerChallenge } from "../../../src/modules/pua/digest.ts";
import { message } from "./fake-tm.ts";

const mufasa = { user: "Mufasa", password: "Circle Of Life", realm: "" };
const request = { method: "GET", uri: "/dir/index.html" };

function challenge(status: number, headers: string) {
  return message(
    `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n` +
      `To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 PUBLISH\r\n${headers}\r\n`,
  );
}

describe("an answer", () => {
  it("without qop is that of RFC 2069", () => {
    const reply = challenge(
      401,
      'WWW-Authenticate: Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"\r\n',
    );
    expect(answerChallenge(reply, request, mufasa)).toBe(
      'Authorization: Digest username="Mufasa", realm="testrealm@host.com", ' +
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
        'response="670fd8c2df070c60b045671b8b24ff02", opaque="5ccc069c403ebaf9f0171e9517f40e41"\r\n',
    );
  });

  it("takes the first challenge that it can answer", () => {
    const reply = challenge(
      407,
      'Proxy-Authenticate: Basic realm="r"\r\nProxy-Authenticate: Digest realm="r", nonce="n", algorithm=NEW\r\n' +
        'Proxy-Authenticate: Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth-int,auth"\r\n',
    );
    expect(answerChallenge(reply, request, mufasa)).toMatch(
      /^Proxy-Authorization: Digest username="Mufasa", realm="r", nonce="m", .*qop=auth, nc=00000001, cnonce="\w+", algorithm=SHA-256\r\n$/,
    );
  });

  it("is not given to another realm, nor to what is no digest", () => {
    const reply = challenge(401, 'WWW-Authenticate: Digest realm="other", nonce="n"\r\n');
    expect(answerChallenge(reply, request, { ...mufasa, realm: "mine" })).toBeUndefined();
    expect(answerChallenge(challenge(401, ""), request, mufasa)).toBeUndefined();
    expect(
      answerChallenge(challenge(401, "WWW-Authenticate: Digest ,,\r\n"), request, mufasa),
    ).toBeUndefined();
  });
});
