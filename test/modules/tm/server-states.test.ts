/** The server side's state machines: RFC 3261, 17.2 and RFC 6026, 7.1. */
import { describe, expect, it } from "vitest";
import {
  ServerAction as A,
  ServerInput as I,
  ServerState as S,
  nextServerState,
  stepServer,
} from "../../../src/modules/tm/server-states.ts";

function step(isInvite: boolean, state: number, input: number): [number, number] {
  const both = stepServer(isInvite, state, input);
  const next = nextServerState(both);
  return [next, both - next];
}

describe("an INVITE", () => {
  it("sends a negative reply until its ACK comes", () => {
    expect(step(true, S.proceeding, I.negative)).toEqual([S.completed, A.send | A.retransmit]);
    expect(step(true, S.completed, I.retransmitTimer)).toEqual([S.completed, A.resend]);
    expect(step(true, S.completed, I.ack)).toEqual([S.confirmed, A.linger]);
  });
  it("gives up on the ACK", () => {
    expect(step(true, S.completed, I.finalTimer)).toEqual([S.confirmed, A.linger]);
    expect(step(true, S.accepted, I.finalTimer)).toEqual([S.confirmed, A.linger]);
  });
  it("sends a relayed 2xx once, and one of the script until its ACK comes", () => {
    expect(step(true, S.proceeding, I.relayedSuccess)).toEqual([S.accepted, A.send | A.linger]);
    expect(step(true, S.proceeding, I.localSuccess)).toEqual([S.accepted, A.send | A.retransmit]);
    expect(step(true, S.accepted, I.retransmitTimer)).toEqual([S.accepted, A.resend]);
    expect(step(true, S.accepted, I.ack)).toEqual([S.confirmed, A.linger]);
  });
  it("lets a 2xx through after a negative reply", () => {
    expect(step(true, S.completed, I.relayedSuccess)).toEqual([S.accepted, A.send | A.linger]);
    expect(step(true, S.accepted, I.relayedSuccess)).toEqual([S.accepted, A.send]);
  });
  it("answers the INVITE again in every state but the last", () => {
    for (const state of [S.trying, S.proceeding, S.completed, S.confirmed, S.accepted]) {
      expect(step(true, state, I.request)).toEqual([state, A.resend]);
    }
    expect(step(true, S.terminated, I.request)).toEqual([S.terminated, 0]);
  });
  it("goes at the end of its wait", () => {
    for (const state of [S.trying, S.proceeding, S.completed, S.confirmed, S.accepted]) {
      expect(step(true, state, I.waitTimer)).toEqual([S.terminated, A.destroy]);
    }
  });
});

describe("another request", () => {
  it("lingers with its final reply", () => {
    for (const input of [I.relayedSuccess, I.localSuccess, I.negative]) {
      expect(step(false, S.trying, input)).toEqual([S.completed, A.send | A.linger]);
    }
    expect(step(false, S.completed, I.request)).toEqual([S.completed, A.resend]);
    expect(step(false, S.completed, I.negative)).toEqual([S.completed, 0]);
    expect(step(false, S.completed, I.waitTimer)).toEqual([S.terminated, A.destroy]);
  });
  it("sends provisional replies", () => {
    expect(step(false, S.trying, I.provisional)).toEqual([S.proceeding, A.send]);
  });
});
