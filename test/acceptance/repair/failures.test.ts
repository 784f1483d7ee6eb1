import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { FailureGroup } from "../../../shared/model/schemas/failure.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** Failures of three causes. In full: `SLUICE_FAILURES=5000 npx vitest run test/acceptance/repair/failures.test.ts`. */
const MANY = Number(process.env["SLUICE_FAILURES"] ?? 36);
const SECONDS = 60 + MANY / 10;
const REFUSES = {
  StartAt: "Refuse",
  States: { Refuse: { Type: "Fail", Error: "Card.Declined", CausePath: "$.cause" } },
};
const day = (n: number): string => `2026-03-${String((n % 28) + 1).padStart(2, "0")}T10:00:00.000Z`;
/** Three causes, the first three times and the second twice as frequent as the third. */
const CAUSES: readonly ((n: number) => string)[] = [
  (n) => `Card ending in ${1_000 + n} was declined at ${day(n)}`,
  (n) => `No funds on account "acc-${n}"`,
  (n) => `Limit reached by arn:aws:iam::${100_000_000_000 + n}:user/u${n}`,
];
const PATTERNS = ["Card ending in … was declined at …", "No funds on account …", "Limit reached by …"];
const TURNS = [0, 1, 0, 1, 0, 2];
const KINDS = Array.from({ length: MANY }, (_, n) => TURNS[n % TURNS.length] ?? 0);
const COUNTS = PATTERNS.map((_, kind) => KINDS.filter((one) => one === kind).length);

describe("failure groups", { timeout: 4_000 * SECONDS }, () => {
  let stack: TestStack;
  let bulks: BulkClient;
  beforeAll(async () => {
    stack = await testStack("work");
    bulks = new BulkClient(stack.admin);
    await stack.admin.publish("declines", REFUSES);
    await stack.admin.publish("ships", tasks("work"), { onFailure: "pause" });
  });
  afterAll(() => stack.close());

  const groups = async (flowId: string): Promise<readonly FailureGroup[]> =>
    (await stack.operator.api.getFailures({ query: { flowId } })).items;
  const dispatch = (flowId: string, payloads: readonly JsonObject[]) =>
    new FlowClient(stack.admin, flowId).dispatchAll([...payloads]);
  /** Read units of a call. */
  const unitsOf = async (path: string): Promise<number> => {
    await stack.admin.call("DELETE", "/local/usage");
    const page = await stack.operator.expect<{ items: unknown[] }>([200], "GET", path);
    expect(page.items).toHaveLength(5);
    const usage = await stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
    return usage.dynamodb.byFunction["sluice-read"]?.readUnits ?? 0;
  };
  const total = async (flowId: string): Promise<number> =>
    (await groups(flowId)).reduce((sum, { count }) => sum + count, 0);

  it("turn many failures into three causes, which one call mends with progress", async ({ annotate }) => {
    const payloads = KINDS.map((kind, n) => ({ cause: CAUSES[kind]?.(n) ?? "" }));
    await dispatch("declines", payloads);
    await eventually(async () => (await total("declines")) === MANY, SECONDS);
    const found = await groups("declines");
    expect(found.map(({ cause, count, paused }) => [cause, count, paused])).toEqual(
      PATTERNS.map((pattern, kind) => [pattern, COUNTS[kind], 0]),
    );
    const [largest] = found;
    const filter = { failure: largest?.failureId ?? "" };
    expect(largest).toMatchObject({
      flowId: "declines",
      state: "Refuse",
      error: "Card.Declined",
      versions: [1],
    });
    const runs = await bulks.runs(filter);
    expect(runs).toHaveLength(COUNTS[0] ?? 0);
    for (const run of runs) {
      expect(run).toMatchObject({ status: "failed", failureId: filter.failure });
      expect(run.error?.cause).toMatch(/^Card ending in/);
    }
    expect(largest?.lastAt).toBe(runs[0]?.endedAt);
    const last = runs.filter(({ endedAt }) => endedAt === largest?.lastAt);
    expect(last.map(({ runId }) => runId)).toContain(largest?.exampleRunId);
    expect(largest?.firstAt).toBe(runs.at(-1)?.endedAt);

    const firstPage = (group: FailureGroup | undefined) =>
      unitsOf(`/runs?limit=5&failure=${group?.failureId}`);
    const [large, small] = [await firstPage(found[0]), await firstPage(found[2])];
    annotate(`read units of the first page: ${large} of ${COUNTS[0]} runs, ${small} of ${COUNTS[2]}`);
    expect(Math.abs(large - small)).toBeLessThanOrEqual(2);
    const preview = await stack.admin.call("POST", "/bulk-operations", {
      action: "delete",
      filter,
      dryRun: true,
    });
    expect(preview.body).toEqual({ matched: COUNTS[0] });
    const { bulk } = await bulks.run({ action: "delete", filter, rate: 1_000 }, SECONDS);
    expect(bulk).toMatchObject({ status: "completed", matched: COUNTS[0], succeeded: COUNTS[0], filter });
    expect((await groups("declines")).map(({ cause }) => cause)).toEqual(PATTERNS.slice(1));
  });

  it("contain runs that an error paused, which leave when they are resumed", async () => {
    stack.functions.fail("work", "Down");
    const count = 3;
    await dispatch(
      "ships",
      Array.from({ length: count }, (_, n) => ({ n })),
    );
    await eventually(async () => (await total("ships")) === count, 60);
    const [group, ...more] = await groups("ships");
    expect(more).toEqual([]);
    expect(group).toMatchObject({ state: "work", error: "Down", count, paused: count });
    const failure = group?.failureId ?? "";
    const attention = await stack.operator.api.listAttention({ query: { failure, flowVersion: 1 } });
    expect(attention.items.map(({ failureId, status }) => [failureId, status])).toEqual(
      Array.from({ length: count }, () => [failure, "paused"]),
    );
    for (const { runId } of attention.items)
      await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    stack.functions.mend("work");
    const { bulk } = await bulks.run({ action: "resume", filter: { failure } });
    expect(bulk).toMatchObject({ status: "completed", succeeded: count });
    for (const { runId } of attention.items) {
      const done = await stack.operator.untilStatus(runId, "completed");
      expect(done.failureId).toBeUndefined();
    }
    expect(await groups("ships")).toEqual([]);
  });

  it("show a member only their own runs", async () => {
    const member = await stack.as("member");
    expect((await member.api.getFailures({ query: {} })).items).toEqual([]);
    const { runId } = await member.dispatch("declines", { cause: "No funds" });
    await member.untilStatus(runId, "failed");
    const own = async () => (await member.api.getFailures({ query: {} })).items;
    const [group] = await eventually(async () => ((await own()).length > 0 ? own() : undefined), 60);
    expect(group).toMatchObject({ cause: "No funds", count: 1, exampleRunId: runId });
  });

  it.each([
    ["/failures?since=yesterday", "since"],
    ["/failures?limit=0", "limit"],
    ["/failures?state=work", "state"],
    ["/runs?failure=", "failure"],
    ["/runs?flowVersion=last", "flowVersion"],
    ["/attention?flowVersion=0", "flowVersion"],
  ])("refuse GET %s", async (path, field) => {
    const answer = await stack.admin.call("GET", path);
    expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
    expect(answer.body).toMatchObject({ errors: [{ path: field }] });
  });
});
