import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditItem, Run, Step } from "../../../shared/model/schemas/run.ts";
import { chain, tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

describe("lists", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two", "broken");
    stack.functions.fail("broken", "Broken");
    await stack.admin.publish("good", tasks("one", "two"));
    await stack.admin.publish("bad", tasks("broken"));
    await stack.admin.publish("waits", chain({ Wait: { Type: "Wait", Seconds: 86_400 } }));
  });
  afterAll(() => stack.close());

  /** All items, one a page; `between` runs between two pages. */
  const walk = async <T>(
    path: string,
    between: () => Promise<unknown> = async () => undefined,
  ): Promise<T[]> => {
    const items: T[] = [];
    for (let cursor = ""; ; ) {
      const page = await stack.operator.expect<Page<T>>([200], "GET", `${path}limit=1${cursor}`);
      expect(page.items.length).toBeLessThanOrEqual(1);
      items.push(...page.items);
      if (page.nextCursor === undefined) return items;
      cursor = `&cursor=${page.nextCursor}`;
      await between();
    }
  };

  it("keep their place while runs arrive, end and are deleted between the pages", async () => {
    const there: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { runId } = await stack.operator.dispatch("waits", { i });
      await stack.operator.untilStatus(runId, "waiting");
      there.unshift(runId);
    }
    const victims = [there[1], there[3]];
    const seen = await walk<Run>("/runs?flowId=waits&", async () => {
      await stack.operator.dispatch("waits", { late: true });
      const runId = victims.shift();
      if (runId === undefined) return;
      await stack.operator.act(runId, "cancel");
      await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
    });
    const ids = seen.map((run) => run.runId);
    expect(ids.filter((id) => id !== there[1] && id !== there[3])).toEqual([there[0], there[2], there[4]]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("omit payload and output, and filter", async () => {
    const good = await stack.operator.dispatch("good", { big: "x".repeat(1000) });
    const bad = await stack.operator.dispatch("bad", {});
    await stack.operator.untilStatus(good.runId, "completed");
    await stack.operator.untilStatus(bad.runId, "failed");
    const list = async (query: string) =>
      (await stack.operator.expect<Page<Run>>([200], "GET", `/runs?${query}`)).items;
    const [listed] = await list("flowId=good");
    expect(listed).toMatchObject({ runId: good.runId, status: "completed", allowedActions: [] });
    expect(Object.keys(listed ?? {})).not.toContain("payload");
    expect(Object.keys(listed ?? {})).not.toContain("output");
    expect((await list("status=failed,completed")).map((run) => run.runId)).toEqual([bad.runId, good.runId]);
    expect((await list("error=told%20to&status=failed")).map((run) => run.runId)).toEqual([bad.runId]);
    expect(await list("error=told%20to&status=completed")).toEqual([]);
    const at = encodeURIComponent(bad.createdAt);
    expect((await list(`createdAfter=${at}`)).map((run) => run.runId)).toEqual([]);
    expect((await list(`createdBefore=${at}&limit=1`)).map((run) => run.runId)).toEqual([good.runId]);
    expect(await list("startedBy=nobody")).toEqual([]);
    const bySteps = await stack.operator.dispatch("waits", {});
    await stack.operator.untilStatus(bySteps.runId, "waiting");
    expect(await list("pausedBy=operator")).toEqual([]);
  });

  it("show who paused a run", async () => {
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("good", {});
    await stack.operator.untilStatus(runId, "running");
    expect((await stack.operator.act(runId, "pause", { reason: "look" })).status).toBe(200);
    const page = await stack.operator.expect<Page<Run>>([200], "GET", "/runs?pausedBy=operator");
    expect(page.items.map((run) => [run.runId, run.pausedBy?.reason])).toEqual([[runId, "look"]]);
    await stack.operator.act(runId, "cancel");
    stack.functions.release("one");
  });

  it("return all steps and audit entries, page by page", async () => {
    const { runId } = await stack.operator.dispatch("good", {});
    await stack.operator.untilStatus(runId, "completed");
    const steps = await walk<Step>(`/runs/${runId}/steps?`);
    expect(steps.map((step) => [step.seq, step.name])).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
    const audit = await walk<AuditItem>(`/runs/${runId}/audit?`);
    expect(audit.map(({ rev, action, from, to }) => [rev, action, from, to])).toEqual([
      [3, "complete", "running", "completed"],
      [2, "begin", "pending", "running"],
      [1, "dispatch", undefined, "pending"],
    ]);
    const step = await stack.operator.call("GET", `/runs/${runId}/steps/${steps[0]?.stepId}`);
    expect(step.body).toMatchObject({ name: "one", status: "completed", output: { one: 1 } });
    expect((await stack.operator.call("GET", `/runs/${runId}/steps/none`)).status).toBe(404);
  });

  it.each([
    "cursor=e30",
    "cursor=",
    "limit=201",
    "limit=1.5",
    "limit=-1",
    "createdAfter=yesterday",
    "status=",
  ])("?%s is refused with the parameter's name", async (query) => {
    const answer = await stack.operator.call("GET", `/runs?${query}`);
    expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
    expect(answer.body["errors"]).toMatchObject([{ path: query.split("=")[0] }]);
  });

  it("reject the cursor of another list", async () => {
    await stack.operator.dispatch("good", {});
    await stack.operator.dispatch("good", {});
    const { nextCursor } = await stack.operator.expect<Page<Run>>([200], "GET", "/runs?limit=1");
    const other = await stack.operator.call("GET", `/runs?flowId=good&cursor=${nextCursor}`);
    expect([other.status, other.body["code"]]).toEqual([422, "invalid_request"]);
  });
});
