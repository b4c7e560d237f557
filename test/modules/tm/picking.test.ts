/** Which negative reply wins: ranks as measured on Kamailio 5.6.3. */
import { expect, it } from "vitest";
import { replyRank } from "../../../src/modules/tm/picking.ts";

/** Best first; found by letting each two of them compete on two branches. */
const order = [
  600, 603, 604, 606, 300, 301, 302, 305, 380, 401, 407, 415, 420, 484, 400, 402, 403, 404, 405,
  406, 408, 409, 410, 411, 412, 413, 414, 416, 417, 418, 419, 421, 422, 423, 424, 430, 433, 480,
  481, 482, 483, 485, 486, 487, 488, 489, 491, 493, 494, 499, 500, 501, 502, 503, 504, 505, 513,
  580,
];

it("ranks statuses", () => {
  const sorted = order.toSorted(
    (a, b) =>
      replyRank(a, false, 0) - replyRank(b, false, 0) || order.indexOf(b) - order.indexOf(a),
  );
  expect(sorted).toEqual(order);
});

it("gives all statuses a rank of their own", () => {
  expect(new Set(order.map((status) => replyRank(status, false, 0))).size).toBe(order.length);
});

it("puts replies that were not received behind by the penalty", () => {
  expect(replyRank(408, true, 0)).toBe(replyRank(408, false, 0));
  expect(replyRank(408, true, 2000)).toBeGreaterThan(replyRank(580, false, 2000));
  expect(replyRank(408, true, -5000)).toBeLessThan(replyRank(600, false, -5000));
});
