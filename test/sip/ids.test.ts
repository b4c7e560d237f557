/** Identifiers, keys of transactions, and texts that are kept. */
import { describe, expect, it } from "vitest";
import { flatText, ownText } from "../../src/sip/chars.ts";
import { cancelledKey, digits32, IdSource, letters32, transactionKey } from "../../src/sip/ids.ts";
import { message } from "./support.ts";

function source(): { ids: IdSource; fills: () => number } {
  let seed = 1;
  let count = 0;
  const ids = new IdSource((pool) => {
    count++;
    for (let i = 0; i < pool.length; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      pool[i] = seed;
    }
  });
  return { ids, fills: () => count };
}

describe("tokens", () => {
  it("are twelve letters and digits that do not come again", () => {
    const { ids } = source();
    const tokens = Array.from({ length: 2000 }, () => ids.token());
    expect(new Set(tokens).size).toBe(2000);
    for (const token of tokens) expect(token).toMatch(/^[a-z2-7]{12}$/);
  });

  it("ask for randomness in lots", () => {
    const { ids, fills } = source();
    for (let i = 0; i < 1280; i++) ids.token();
    // Six letters of each word, 256 words at a time.
    expect(fills()).toBe(10);
  });
});

describe("a number as letters", () => {
  it("has all its bits", () => {
    expect(letters32(0)).toBe("aaaaaaa");
    expect(letters32(0xffffffff)).toBe("777777d");
    const all = Array.from({ length: 32 }, (_, bit) => letters32((1 << bit) >>> 0));
    expect(new Set(all).size).toBe(32);
  });
});

describe("a number as digits", () => {
  it("is written as by toString", () => {
    const numbers = [
      0, 1, 9, 10, 15, 16, 35, 36, 255, 1295, 1296, 0x7fffffff, 0x80000000, 0xffffffff,
    ];
    for (let i = 0; i < 500; i++) numbers.push(Math.imul(i, 0x9e3779b1) >>> 0);
    for (const number of numbers) {
      expect(digits32(number, 16)).toBe(number.toString(16));
      expect(digits32(number, 36)).toBe(number.toString(36));
    }
  });
});

describe("texts that are kept", () => {
  it("read as before", () => {
    for (const text of ["", "0", "a", "-Infinity", "1e999", "x".repeat(100)]) {
      expect(flatText(text)).toBe(text);
      expect(flatText(`${text}|${text}`)).toBe(`${text}|${text}`);
      expect(ownText(text)).toBe(text);
    }
  });
});

describe("keys of transactions", () => {
  const invite = (method: string, via: string): string =>
    `${method} sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP ${via}\r\nFrom: <sip:a@x>;tag=1\r\n` +
    `To: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 ${method}\r\n\r\n`;

  it("are the same for a request that comes again, and tell methods, senders and branches apart", () => {
    const via = "Host:5060;branch=z9hG4bKq";
    const key = transactionKey(message(invite("INVITE", via)));
    expect(transactionKey(message(invite("INVITE", "hOST:5060;branch=z9hG4bKq")))).toBe(key);
    expect(transactionKey(message(invite("ACK", via)))).toBe(key);
    expect(cancelledKey(message(invite("CANCEL", via)))).toBe(key);
    for (const other of ["host:5061;branch=z9hG4bKq", "host:5060;branch=z9hG4bKr", "host"]) {
      expect(transactionKey(message(invite("INVITE", other)))).not.toBe(key);
    }
    expect(transactionKey(message(invite("CANCEL", via)))).not.toBe(key);
  });
});
