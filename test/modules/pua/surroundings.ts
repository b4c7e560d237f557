/** Surroundings of pua for tests: virtual clock, fake tm, no chance. */
import { VirtualClock } from "../../../src/runtime/clock.ts";
import type { Logger } from "../../../src/runtime/services.ts";
import { answerChallenge } from "../../../src/modules/pua/digest.ts";
import type { PuaSurroundings } from "../../../src/modules/pua/surroundings.ts";
import { FakeTm } from "./fake-tm.ts";

const nothing = (): void => {};

export const silentLog: Logger = {
  enabled: () => false,
  log: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  script: nothing,
  level: 0,
};

export function surroundings(settings: Partial<PuaSurroundings> = {}) {
  const clock = new VirtualClock();
  const tm = new FakeTm();
  const codes: number[] = [];
  const around: PuaSurroundings = {
    tm: tm.api,
    clock,
    log: silentLog,
    counters: {
      publishReplies: (code) => codes.push(code),
      subscribeReplies: (code) => codes.push(code),
    },
    outboundProxy: undefined,
    defaultExpires: 3600,
    minExpires: 0,
    refreshesWithBody: false,
    store: undefined,
    random: () => 0.5,
    isAddressOf: (host, address) => host === address,
    now: () => Math.floor(clock.wallTime() / 1000),
    answerChallenge: (reply, request) =>
      answerChallenge(reply, request, { user: "olelo", password: "secret", realm: "" }),
    ...settings,
  };
  return { clock, tm, around, codes };
}
