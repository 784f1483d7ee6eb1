import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HoldHarness } from "../../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../../test/harness/table/test-table.ts";
import { SYSTEM } from "../../../model/actor.ts";
import { randomIds } from "../../../model/ids.ts";
import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import { iso } from "../../../model/time/clock.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { newItem } from "../../../store/runs/stored-run.ts";
import { Table } from "../../../store/table.ts";
import { INDEX_SHARDS } from "../../../store/table-definition.ts";
import { forEachConcurrent } from "../../concurrency.ts";
import { newRun } from "../../dispatch/new-run.ts";
import { resumeRun } from "../../repair/resume-run.ts";
import { cancelRun } from "../cancel-run.ts";
import { deleteRun, expireRun } from "../delete-run.ts";
import { failRun } from "../fail-run.ts";
import { haltRun } from "../halt-run.ts";
import { listAttention } from "../lists/list-attention.ts";
import { listRuns } from "../lists/list-runs.ts";
import { type FailuresQuery, listFailures } from "./list-failures.ts";

let database: TestTable;
let harness: HoldHarness;
let workspace = "";
let tests = 0;
beforeAll(async () => {
  database = await startTestTable();
});
afterAll(() => database.close());
beforeEach(() => {
  harness = new HoldHarness(new Table(database.client, database.name));
  tests += 1;
  workspace = `w${tests}`;
});

interface Given {
  readonly flowId?: string;
  readonly version?: number;
  readonly user?: string;
}
const dispatched = async ({ flowId = "ship", version = 1, user = "ann" }: Given = {}): Promise<RunItem> => {
  const now = harness.deps.clock.now();
  const of = { workspace, flowId, incarnation: "i", version, runAs: "system" } as const;
  const run = { ...of, runId: randomIds.runId(now), startedBy: { kind: "user", id: user } } as const;
  return (await harness.deps.runs.create(newRun(run, now, randomIds), "{}")).run;
};
const failure = (cause: string, more: object = {}) => ({ error: "Oh", cause, state: "Call", ...more });
const failed = async (cause: string, given?: Given, more: object = {}): Promise<RunItem> => {
  const run = await failRun(harness.deps, await dispatched(given), failure(cause, more));
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
const halted = async (cause: string): Promise<RunItem> => {
  const run = await haltRun(harness.deps, await dispatched(), failure(cause));
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
const groups = (more: Partial<FailuresQuery> = {}, max?: number) =>
  listFailures(harness.deps, { workspace, limit: 50, ...more }, max);
const counts = async (more: Partial<FailuresQuery> = {}) =>
  (await groups(more)).map(({ cause, count, paused }) => [cause, count, paused]);
const request = ({ runId }: RunItem) => ({ workspace, runId, actor: SYSTEM });

describe("the groups of failures", () => {
  test("are one for each cause, the largest first, whatever ids and times the messages have", async () => {
    for (let n = 1; n <= 6; n += 1) {
      await failed(`Order ${n * 977} is gone since 2026-03-0${n}T10:00:00.000Z`, {
        version: n % 2 === 0 ? 2 : 1,
      });
      if (n <= 4) await failed(`Carrier "c${n}" does not answer`);
      if (n <= 2) await failed(`Order ${n} is gone`, {}, { state: "Other" });
    }
    const found = await groups();
    expect(
      found.map(({ flowId, state, error, cause, count }) => [flowId, state, error, cause, count]),
    ).toEqual([
      ["ship", "Call", "Oh", "Order … is gone since …", 6],
      ["ship", "Call", "Oh", "Carrier … does not answer", 4],
      ["ship", "Other", "Oh", "Order … is gone", 2],
    ]);
    const [largest] = found;
    const members = await listRuns(harness.deps.runIndex, {
      ...{ workspace, limit: 50, filter: { failure: largest?.failureId } },
    });
    const times = members.records.map(({ endedAt = "" }) => endedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(largest).toMatchObject({
      ...{ versions: [1, 2], paused: 0 },
      ...{ firstAt: times.at(-1), lastAt: times[0], exampleRunId: members.records[0]?.runId },
    });
    expect((await groups({ limit: 1 })).map(({ count }) => count)).toEqual([6]);
  });

  test("count runs until they are deleted, cancelled or expire, and not those that end otherwise", async () => {
    const [first, second, third] = [await failed("No 1"), await failed("No 2"), await failed("No 3")];
    const [one, two, other] = [await halted("No 4"), await halted("No 5"), await halted("No 6")];
    await cancelRun(harness.deps, request(await dispatched()));
    expect(await counts()).toEqual([["No …", 6, 3]]);
    await deleteRun(harness.deps, request(first));
    await expireRun(harness.deps, second, iso(harness.now));
    await cancelRun(harness.deps, request(one));
    await deleteRun(harness.deps, request(two));
    expect(await counts()).toEqual([["No …", 2, 1]]);
    await resumeRun(harness.deps, { ...request(other), giveUp: true });
    expect(await counts()).toEqual([["No …", 2, 0]]);
    await deleteRun(harness.deps, request(third));
    await deleteRun(harness.deps, request(other));
    expect(await groups()).toEqual([]);
  });

  test("keep the time of the failure when a run is given up", async () => {
    const run = await halted("No 4");
    const before = await groups();
    harness.now += 3_600_000;
    await resumeRun(harness.deps, { ...request(run), giveUp: true });
    expect(await groups()).toEqual(before.map((group) => ({ ...group, paused: 0 })));
  });

  test("can be asked for one flow, since a time, and for one user's own runs", async () => {
    await failed("No 1", { flowId: "ship" });
    await failed("No 2", { flowId: "ship-it", user: "bob" });
    const since = iso(harness.deps.clock.now());
    await failed("No 3", { flowId: "ship-it" });
    await failed("Nothing", { flowId: "ship" });
    const asked = async (more: Partial<FailuresQuery>) =>
      (await groups(more)).map(({ flowId, cause, count }) => `${flowId} ${cause} ${count}`).sort();
    expect(await asked({})).toEqual(["ship No … 1", "ship Nothing 1", "ship-it No … 2"]);
    expect(await asked({ flowId: "ship" })).toEqual(["ship No … 1", "ship Nothing 1"]);
    expect(await asked({ since })).toEqual(["ship Nothing 1", "ship-it No … 1"]);
    expect(await asked({ since, flowId: "ship-it" })).toEqual(["ship-it No … 1"]);
    expect(await asked({ owner: "bob" })).toEqual(["ship-it No … 1"]);
    expect(await asked({ flowId: "shi" })).toEqual([]);
  });

  test("do not depend on where the run item cuts a long cause", async () => {
    const words = "and then the carrier said nothing ".repeat(3);
    for (const ids of [1, 20])
      await failed(`Missing ${"0190a4b2-7c1d-7e55-9c1f-3a5b6c7d8e9f ".repeat(ids)}${words}`);
    expect(await counts()).toEqual([[`Missing … ${words.trim()}`, 2, 0]]);
  });

  test("are refused when there are too many runs to count", async () => {
    for (let n = 0; n < 4; n += 1) await failed(`No ${n}`);
    await expect(groups({}, 3)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await groups({}, 4)).toHaveLength(1);
  });

  test("leave out a run that failed under an earlier release, which stays in every other list", async () => {
    const run = await failed("No 1");
    await harness.deps.runs.updateAttributes(run, { remove: ["failure"] });
    expect(await groups()).toEqual([]);
    const list = { workspace, limit: 50, filter: { status: ["failed" as const] } };
    expect((await listRuns(harness.deps.runIndex, list)).records).toHaveLength(1);
  });
});

test("a group is a filter of runs and attention, alone and with others, page by page", async () => {
  for (let n = 1; n <= 5; n += 1) {
    await failed(`No ${n}`, { version: n, user: n === 1 ? "bob" : "ann" });
    await failed(`Nothing`);
    await halted(`No ${n}`);
  }
  const failureId = (await groups())[0]?.failureId;
  const { runIndex } = harness.deps;
  const cases: readonly (readonly [RunFilter, number])[] = [
    [{}, 10],
    [{ status: ["failed"] }, 5],
    [{ status: ["paused"] }, 5],
    [{ status: ["running"] }, 0],
    [{ flowVersion: 1 }, 6],
    [{ flowVersion: 2, status: ["failed"] }, 1],
    [{ startedBy: "bob" }, 1],
    [{ flowId: "other" }, 0],
    [{ createdAfter: iso(harness.now) }, 0],
  ];
  for (const [more, count] of cases) {
    const filter: RunFilter = { failure: failureId, ...more };
    for (const page of [
      (cursor?: string) => listRuns(runIndex, { workspace, filter, limit: 3, cursor }),
      (cursor?: string) => listAttention(runIndex, { workspace, filter, limit: 3, cursor, waiting: false }),
    ]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { records, nextCursor } = await page(cursor);
        seen.push(...records.map(({ failure: group, runId }) => `${group?.id} ${group?.at} ${runId}`));
        cursor = nextCursor;
      } while (cursor !== undefined);
      expect(seen, JSON.stringify(more)).toHaveLength(count);
      expect(new Set(seen).size).toBe(count);
      expect(seen).toEqual([...seen].sort().reverse());
      expect(seen.every((line) => line.startsWith(`${failureId} `))).toBe(true);
    }
  }
});

/** Sums the read units of a client's calls. */
const metered = (client: DynamoDBClient) => {
  const used = { units: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
      const answer = await next(args);
      const { ConsumedCapacity: consumed } = answer.output as { ConsumedCapacity?: unknown };
      for (const one of [consumed].flat() as ({ CapacityUnits?: number } | undefined)[])
        used.units += one?.CapacityUnits ?? 0;
      return answer;
    },
    { step: "initialize", name: "meter" },
  );
  return used;
};

test("the first page of a group costs the same read units, however large the group is", async () => {
  const table = new Table(database.client, database.name);
  const used = metered(database.client);
  const template = await failed("No 0");
  const failureId = template.failure?.id ?? "";
  const add = async (count: number): Promise<void> => {
    const now = harness.deps.clock.now();
    const more = Array.from({ length: count }, (_, n): RunItem => {
      const at = iso(now + n);
      return { ...template, runId: randomIds.runId(now), failure: { id: failureId, at }, endedAt: at };
    });
    await forEachConcurrent(more, { concurrency: 20 }, (run) => table.put(newItem(run)));
  };
  const firstPage = async (): Promise<number> => {
    const before = used.units;
    const filter = { failure: failureId };
    const { records } = await listRuns(harness.deps.runIndex, { workspace, filter, limit: 50 });
    expect(records).toHaveLength(50);
    return used.units - before;
  };
  await add(49);
  const small = await firstPage();
  expect(small).toBeGreaterThanOrEqual(50); // one for each run that it shows
  await add(250);
  // A shard of the index answers with a few entries more, which may be half a unit.
  expect(Math.abs((await firstPage()) - small)).toBeLessThanOrEqual(INDEX_SHARDS / 2);
  expect(await counts()).toEqual([["No …", 300, 0]]);
});
