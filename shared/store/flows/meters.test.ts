import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import { Table } from "../table.ts";
import { MeterStore } from "./meters.ts";

const at = (text: string): number => Date.parse(text);
const NOON = at("2026-03-31T12:00:30.000Z");

describe("meters, on a real table", () => {
  let table: TestTable;
  let meters: MeterStore;
  let flows = 0;
  beforeAll(async () => {
    table = await startTestTable();
    meters = new MeterStore(new Table(table.client, table.name));
  });
  afterAll(() => table.close());

  const newFlow = () => {
    flows += 1;
    return { workspace: "w", flowId: `f${flows}`, incarnation: "aaaaaaaaaaaaaaaa" };
  };

  it("counts in every window at the same time, and begins a new window when one has ended", async () => {
    const flow = newFlow();
    await meters.add(flow, "throughput", 1, NOON);
    const second = await meters.add(flow, "throughput", 2, NOON + 1_000);
    expect(second?.of("minute", NOON)).toEqual({ used: 3, windowStart: "2026-03-31T12:00:00.000Z" });
    const later = NOON + 60_000;
    const third = await meters.add(flow, "throughput", 1, later);
    expect(third?.of("minute", later)).toEqual({ used: 1, windowStart: "2026-03-31T12:01:00.000Z" });
    expect(third?.of("hour", later).used).toBe(4);
    expect(third?.of("day", later)).toEqual({ used: 4, windowStart: "2026-03-31T00:00:00.000Z" });
    const nextDay = at("2026-04-01T00:00:00.000Z");
    expect((await meters.read(flow, "throughput")).of("day", nextDay)).toEqual({
      used: 0,
      windowStart: "2026-04-01T00:00:00.000Z",
    });
  });

  it("a writer whose clock is behind counts in the window that others have begun", async () => {
    const flow = newFlow();
    await meters.add(flow, "throughput", 1, NOON + 60_000);
    const late = await meters.add(flow, "throughput", 1, NOON);
    expect(late?.of("minute", NOON)).toEqual({ used: 2, windowStart: "2026-03-31T12:01:00.000Z" });
  });

  it("stays at a month's limit when the next day begins", async () => {
    const flow = newFlow();
    const cap = { unit: "month", limit: 5 } as const;
    const noon = at("2026-03-30T12:00:00.000Z");
    const nextDay = at("2026-03-31T08:00:00.000Z");
    await meters.add(flow, "spend", 5, noon, cap);
    expect(await meters.add(flow, "spend", 1, nextDay, cap)).toBeUndefined();
    expect((await meters.read(flow, "spend")).of("month", nextDay).used).toBe(5);
    await meters.add(flow, "spend", 1, nextDay);
    expect((await meters.read(flow, "spend")).of("day", nextDay).used).toBe(1);
    const nextMonth = at("2026-04-01T00:00:00.000Z");
    expect((await meters.add(flow, "spend", 2, nextMonth, cap))?.of("month", nextMonth).used).toBe(2);
  });

  it("takes decimal costs exactly up to the limit, and not a cent more", async () => {
    const flow = newFlow();
    const cap = { unit: "month", limit: 0.3 } as const;
    for (let step = 0; step < 3; step += 1) {
      expect(await meters.add(flow, "spend", 0.1, NOON, cap)).toBeDefined();
    }
    expect(await meters.add(flow, "spend", 0.01, NOON, cap)).toBeUndefined();
    expect((await meters.read(flow, "spend")).of("month", NOON).used).toBe(0.3);
    // It is counted even without a cap.
    await meters.add(flow, "spend", 5, NOON);
    expect((await meters.read(flow, "spend")).of("month", NOON).used).toBe(5.3);
  });

  it("a new period has room again, but not for a cost that is larger than the limit", async () => {
    const flow = newFlow();
    const cap = { unit: "month", limit: 10 } as const;
    expect(await meters.add(flow, "spend", 11, NOON, cap)).toBeUndefined();
    expect(await meters.add(flow, "spend", 10, NOON, cap)).toBeDefined();
    expect(await meters.add(flow, "spend", 1, NOON, cap)).toBeUndefined();
    const april = at("2026-04-01T00:00:00.000Z");
    expect(await meters.add(flow, "spend", 11, april, cap)).toBeUndefined();
    const spent = await meters.add(flow, "spend", 4, april, cap);
    expect(spent?.of("month", april)).toEqual({ used: 4, windowStart: "2026-04-01T00:00:00.000Z" });
  });

  it("a daily limit applies while the month continues", async () => {
    const flow = newFlow();
    const cap = { unit: "day", limit: 3 } as const;
    const evening = at("2026-03-30T23:00:00.000Z");
    await meters.add(flow, "spend", 3, evening, cap);
    expect(await meters.add(flow, "spend", 1, evening, cap)).toBeUndefined();
    const next = await meters.add(flow, "spend", 1, NOON, cap);
    expect([next?.of("day", NOON).used, next?.of("month", NOON).used]).toEqual([1, 4]);
  });

  it("forty concurrent writers around the end of a minute: no count is lost, and the limit lets exactly ten through", async () => {
    const flow = newFlow();
    const turn = at("2026-03-31T12:01:00.000Z");
    const times = Array.from({ length: 40 }, (_, n) => turn + (n % 2 === 0 ? -5 : 5));
    await Promise.all(times.map((time) => meters.add(flow, "throughput", 1, time)));
    expect((await meters.read(flow, "throughput")).of("hour", turn).used).toBe(40);
    const cap = { unit: "day", limit: 10 } as const;
    const answers = await Promise.all(times.map((time) => meters.add(flow, "spend", 1, time, cap)));
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(10);
  });

  it("reads those of many flows, some of which have none", async () => {
    const [metered, fresh] = [newFlow(), newFlow()];
    await meters.add(metered, "throughput", 7, NOON);
    const [first, second] = await meters.readMany([metered, fresh], () => ["throughput", "spend"]);
    expect(first?.throughput?.of("day", NOON).used).toBe(7);
    expect(first?.spend?.of("day", NOON).used).toBe(0);
    expect(second?.throughput?.of("minute", NOON).used).toBe(0);
  });

  it("a later era begins every window anew, even if its clock is behind, and late writers of an earlier era count in it", async () => {
    const flow = newFlow();
    await meters.add(flow, "failures", 5, NOON + 60_000);
    const lifted = { ...flow, errorsEra: 9 };
    expect((await meters.read(lifted, "failures")).of("day", NOON).used).toBe(0);
    const first = await meters.add(lifted, "failures", 1, NOON);
    expect([first?.of("minute", NOON), first?.era]).toEqual([
      { used: 1, windowStart: "2026-03-31T12:00:00.000Z" },
      9,
    ]);
    const late = await meters.add(flow, "failures", 1, NOON);
    expect([late?.of("minute", NOON).used, late?.era]).toEqual([2, 9]);
    const again = await meters.add({ ...flow, errorsEra: 10 }, "failures", 1, NOON);
    expect(again?.of("day", NOON).used).toBe(1);
    // The other meters have no eras.
    await meters.add(lifted, "throughput", 3, NOON);
    expect((await meters.read(flow, "throughput")).of("day", NOON).used).toBe(3);
  });
});
