import { describe, expect, test } from "vitest";
import { type HoldSet, keeps, queuesRecord } from "./keeps.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const WHOLE: HoldSet = { holds: { manual: { id: "m" }, spend: { id: "s" } } };
const CHARGE: HoldSet = { holds: {}, partialHolds: { c: { states: [{ names: ["Charge", "Refund"] }] } } };
const IN_TWO: HoldSet = {
  holds: {},
  partialHolds: { v: { states: [{ names: ["Charge"], versions: [2] }] } },
};
const RAMP = { era: 1, since: "2026-01-01T00:00:00Z", from: 1, to: 50, factor: 2, every: "PT1M" };
const at = (flow: HoldSet | undefined, state: string | undefined, version?: number) =>
  keeps(flow, undefined, version, state, NOW);

describe("keeps", () => {
  test("says which holds keep a run", () => {
    expect(at(undefined, "Charge")).toBeUndefined();
    expect(at({ holds: {} }, "Charge")).toBeUndefined();
    expect(at(WHOLE, "Charge")).toEqual({ holdIds: ["m", "s"], partly: false });
  });

  test("lets a run pass states that are not held", () => {
    expect(at(CHARGE, "Charge")).toEqual({ holdIds: ["c"], partly: true });
    expect(at(CHARGE, "Refund")).toEqual({ holdIds: ["c"], partly: true });
    expect(at(CHARGE, "Ship")).toBeUndefined();
  });

  test("names both where the whole flow is held too", () => {
    const both = { ...CHARGE, holds: WHOLE.holds };
    expect(at(both, "Charge")).toEqual({ holdIds: ["m", "s", "c"], partly: false });
    expect(at(both, "Ship")).toEqual({ holdIds: ["m", "s"], partly: false });
  });

  test("lets a run that began before the hold go on until the time to finish is over", () => {
    const manual = { id: "m", since: "2026-01-01T00:00:00.000Z", finishUntil: "2026-01-01T01:00:00.000Z" };
    const begun = { startedAt: "2025-12-31T00:00:00.000Z" };
    const end = NOW + 3_600_000;
    for (const set of [{ holds: { manual } }, { holds: {}, finishing: { manual } }] satisfies HoldSet[]) {
      expect(keeps(set, begun, 1, "Charge", end - 1)).toBeUndefined();
      expect(keeps(set, begun, 1, "Charge", end)).toEqual({ holdIds: ["m"], partly: false });
      expect(keeps(set, {}, 1, "Charge", NOW)).toEqual({ holdIds: ["m"], partly: false });
      expect(keeps(set, undefined, 1, undefined, NOW)).toEqual({ holdIds: ["m"], partly: false });
      const beside = { ...set, holds: { ...set.holds, spend: { id: "s" } } };
      expect(keeps(beside, begun, 1, "Charge", NOW)).toEqual({ holdIds: ["s"], partly: false });
    }
  });

  test("lets new records start beside a hold on states", () => {
    expect(at(CHARGE, undefined)).toBeUndefined();
    expect(at(WHOLE, undefined)).toEqual({ holdIds: ["m", "s"], partly: false });
  });

  test("keeps a state only in the versions that the hold names, and in an unknown one", () => {
    expect(at(IN_TWO, "Charge", 1)).toBeUndefined();
    expect(at(IN_TWO, "Charge", 2)).toEqual({ holdIds: ["v"], partly: true });
    expect(at(IN_TWO, "Charge")).toEqual({ holdIds: ["v"], partly: true });
  });

  test("lets the runs of a canary pass its holds, and only those, while it lasts", () => {
    const of = (canary: string, holds: readonly string[]) =>
      keeps({ ...WHOLE, canary: { id: "k", holds } }, { canary }, 1, "Charge", NOW);
    expect(of("k", ["m", "s"])).toBeUndefined();
    expect(of("k", ["m"])).toEqual({ holdIds: ["s"], partly: false });
    expect(of("another", ["m", "s"])).toEqual({ holdIds: ["m", "s"], partly: false });
    expect(keeps(WHOLE, { canary: "k" }, 1, "Charge", NOW)).toEqual({ holdIds: ["m", "s"], partly: false });
    const partly = { ...CHARGE, canary: { id: "k", holds: ["c"] } };
    expect(keeps(partly, { canary: "k" }, 1, "Charge", NOW)).toBeUndefined();
    expect(keeps(partly, undefined, 1, "Charge", NOW)).toEqual({ holdIds: ["c"], partly: true });
  });

  test("keeps a native run at its first gate during a ramp, until the drain lets it begin", () => {
    const flow = { holds: {}, ramp: RAMP };
    const native = { execution: "e" };
    expect(keeps(flow, native, 1, "Charge", NOW)).toEqual({ holdIds: [], partly: false });
    expect(keeps(flow, { ...native, canary: "ramp-1" }, 1, "Charge", NOW)).toBeUndefined();
    expect(keeps(flow, { ...native, canary: "ramp-0" }, 1, "Charge", NOW)).toBeDefined();
    expect(keeps(flow, { ...native, startedAt: "2026" }, 1, "Charge", NOW)).toBeUndefined();
    expect(keeps({ holds: {} }, native, 1, "Charge", NOW)).toBeUndefined();
    expect(keeps(flow, {}, 1, "Charge", NOW)).toBeUndefined();
  });

  test("queues new records during a ramp, although it keeps no run", () => {
    const ramp = RAMP;
    expect(queuesRecord({ holds: {}, ramp }, undefined, 1, NOW)).toBe(true);
    expect(keeps({ holds: {}, ramp }, undefined, 1, undefined, NOW)).toBeUndefined();
    expect(queuesRecord({ holds: {} }, undefined, 1, NOW)).toBe(false);
    expect(queuesRecord(WHOLE, undefined, 1, NOW)).toBe(true);
    expect(queuesRecord({ ...WHOLE, canary: { id: "k", holds: ["m", "s"] } }, { canary: "k" }, 1, NOW)).toBe(
      false,
    );
  });
});
