/** The client side's state machines: RFC 3261, 17.1 and RFC 6026, 7.2. */
import { describe, expect, it } from "vitest";
import {
  ClientAction as A,
  ClientInput as I,
  ClientState as S,
  clientInputOf,
  nextClientState,
  stepClient,
} from "../../../src/modules/tm/client-states.ts";

function step(isInvite: boolean, state: number, input: number): [number, number] {
  const both = stepClient(isInvite, state, input);
  const next = nextClientState(both);
  return [next, both - next];
}

describe("an INVITE", () => {
  it("stops its retransmissions and rings on a provisional reply", () => {
    expect(step(true, S.calling, I.provisional)).toEqual([
      S.proceeding,
      A.deliver | A.stopRetransmission | A.ring,
    ]);
  });
  it("is sent again while nothing came", () => {
    expect(step(true, S.calling, I.retransmitTimer)).toEqual([S.calling, A.resend]);
    expect(step(true, S.proceeding, I.retransmitTimer)).toEqual([S.proceeding, 0]);
  });
  it("acknowledges each negative reply, and delivers it", () => {
    for (const state of [S.calling, S.proceeding]) {
      expect(step(true, state, I.negative)).toEqual([
        S.completed,
        A.deliver | A.acknowledge | A.stopTimers,
      ]);
    }
    expect(step(true, S.completed, I.negative)).toEqual([S.completed, A.deliver | A.acknowledge]);
  });
  it("lets every 2xx through", () => {
    expect(step(true, S.proceeding, I.success)).toEqual([S.accepted, A.deliver | A.stopTimers]);
    expect(step(true, S.accepted, I.success)).toEqual([S.accepted, A.deliver]);
    expect(step(true, S.completed, I.success)).toEqual([S.accepted, A.deliver]);
  });
  it("times out once", () => {
    expect(step(true, S.calling, I.finalTimer)).toEqual([S.completed, A.timeOut | A.stopTimers]);
    expect(step(true, S.proceeding, I.finalTimer)).toEqual([S.completed, A.timeOut | A.stopTimers]);
    expect(step(true, S.completed, I.finalTimer)).toEqual([S.completed, 0]);
    expect(step(true, S.accepted, I.finalTimer)).toEqual([S.accepted, 0]);
  });
});

describe("another request", () => {
  it("is sent again more slowly after a provisional reply", () => {
    expect(step(false, S.calling, I.provisional)).toEqual([
      S.proceeding,
      A.deliver | A.slowRetransmission,
    ]);
    expect(step(false, S.proceeding, I.retransmitTimer)).toEqual([S.proceeding, A.resend]);
  });
  it("is never acknowledged", () => {
    for (const state of [S.calling, S.proceeding, S.completed]) {
      for (const input of [I.success, I.negative]) {
        const [next, actions] = step(false, state, input);
        expect(next).toBe(S.completed);
        expect(actions & A.acknowledge).toBe(0);
      }
    }
  });
  it("is done after its final reply", () => {
    expect(step(false, S.completed, I.retransmitTimer)).toEqual([S.completed, 0]);
    expect(step(false, S.completed, I.finalTimer)).toEqual([S.completed, 0]);
  });
});

it("sorts statuses into inputs", () => {
  expect([100, 199, 200, 299, 300, 699].map(clientInputOf)).toEqual([
    I.provisional,
    I.provisional,
    I.success,
    I.success,
    I.negative,
    I.negative,
  ]);
});
