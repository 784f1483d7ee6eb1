import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { allItems, leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("a deleted run", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  beforeAll(async () => {
    // The failures are injected, so what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    stack = await testStack("one", "two", "bad");
    seen = new HoldObserver(stack.url);
    stack.functions.fail("bad", "OutOfStock");
    await stack.admin.publish("steps", tasks("one", "two"));
    await stack.admin.publish("fails", tasks("one", "bad"));
    await stack.admin.publish("waits", chain({ Doze: { Type: "Wait", Seconds: 864_000 }, two: task("two") }));
    const branch = (name: string) => chain({ [`${name}1`]: task("one"), [`${name}2`]: task("two") });
    const both = { Both: { Type: "Parallel", Branches: [branch("a"), branch("b")] } };
    await stack.admin.publish("held", chain({ ...both, two: task("two") }));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    seen.close();
    await stack.close();
  });

  /** Every item whose keys or content name one of the runs. */
  const naming = async (...runIds: string[]) =>
    (await allItems(stack.url)).filter((item) =>
      runIds.some((runId) => JSON.stringify(item).includes(runId)),
    );
  const statusOf = async (executionArn: string | undefined): Promise<string> => {
    const response = await fetch(`${stack.url}/aws/states`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "AWSStepFunctions.DescribeExecution",
      },
      body: JSON.stringify({ executionArn }),
    });
    return String(((await response.json()) as { status?: string }).status);
  };
  const remove = (runId: string) => stack.admin.call("DELETE", `/runs/${runId}`);
  const keyed = (key: string, payload: unknown = {}) =>
    stack.operator.call<Run & { code?: string }>(
      "POST",
      "/flows/steps/runs",
      { payload },
      { "Idempotency-Key": key },
    );

  /** Runs that a person has paused, each with its token parked. */
  const parked = async (count = 1): Promise<Run[]> => {
    stack.functions.block("one");
    const runs = await new FlowClient(stack.operator, "steps").dispatchAll(
      Array.from({ length: count }, (_, i) => ({ parked: i })),
    );
    for (const { runId } of runs) {
      await stack.operator.untilStatus(runId, "running");
      await stack.operator.act(runId, "pause");
    }
    stack.functions.release("one");
    const stands = ({ runId }: Run) => stack.operator.until(runId, (run) => run.parkedAt !== undefined);
    return Promise.all(runs.map(stands));
  };

  it("leaves nothing, whether it is ended, paused, parked by its flow or queued", async () => {
    const completed = await stack.operator.dispatch("steps", {});
    const failed = await stack.operator.dispatch("fails", {});
    const cancelled = await stack.operator.dispatch("waits", {});
    await stack.operator.untilStatus(cancelled.runId, "waiting");
    await stack.operator.act(cancelled.runId, "cancel");
    await stack.operator.untilStatus(completed.runId, "completed");
    await stack.operator.untilStatus(failed.runId, "failed");
    // Runs that ended long ago leave nothing, not even for a moment.
    await stack.admin.advance("PT5M");
    const old = [completed.runId, failed.runId, cancelled.runId];
    for (const runId of old) {
      expect((await remove(runId)).status).toBe(204);
      expect((await remove(runId)).status).toBe(404);
    }
    expect(await naming(...old)).toEqual([]);

    const [paused] = await parked();
    stack.functions.block("one");
    const inBranches = await stack.operator.dispatch("held", {});
    await stack.operator.untilStatus(inBranches.runId, "running");
    const held = new FlowClient(stack.operator, "held");
    await held.pause();
    stack.functions.release("one");
    await stack.operator.until(inBranches.runId, (run) => run.parkedAt !== undefined);
    const [queued, pausedInQueue] = await held.dispatchAll([{ a: 1 }, { a: 2 }]);
    await stack.operator.act(pausedInQueue?.runId ?? "", "pause");
    const fresh = await stack.operator.dispatch("steps", {});
    await stack.operator.untilStatus(fresh.runId, "completed");
    const runs = [paused, inBranches, queued, pausedInQueue, fresh].map((run) => run?.runId ?? "");
    expect((await naming(paused?.runId ?? "")).filter(({ SK }) => String(SK).startsWith("P#"))).toHaveLength(
      1,
    );
    expect((await naming(inBranches.runId)).filter(({ PK }) => /#P#\d$/.test(String(PK)))).toHaveLength(2);
    for (const runId of runs) {
      expect((await remove(runId)).status).toBe(204);
      expect((await stack.operator.call("GET", `/runs/${runId}`)).status).toBe(404);
    }
    expect(await statusOf(paused?.executionArn)).toBe("ABORTED");
    expect(await statusOf(inBranches.executionArn)).toBe("ABORTED");
    expect((await naming(...runs)).every((item) => item["deleted"] === true)).toBe(true);
    expect((await held.now()).queued).toBe(0);
    await stack.admin.advance("PT4M");
    expect(await naming(...runs)).toEqual([]);
    await held.resume();
    await held.until((now) => now.draining === null);
    expect(await held.runs()).toEqual([]);
  });

  it("keeps its idempotency key for a day, after which the key starts a new run", async () => {
    const first = await keyed("order-7");
    expect(first.status).toBe(202);
    const { runId } = first.body;
    const begun = await stack.operator.untilStatus(runId, "completed");
    expect(begun.executionArn).toMatch(/\.1$/);
    expect((await remove(runId)).status).toBe(204);
    for (const wait of ["PT0S", "PT5M", "PT23H"]) {
      await stack.admin.advance(wait);
      for (const payload of [{}, { other: 1 }]) {
        const again = await keyed("order-7", payload);
        expect([again.status, again.body.code]).toEqual([422, "idempotency_key_reused"]);
      }
    }
    expect(await naming(runId)).toMatchObject([{ SK: "RUN", deleted: true }]);
    await stack.admin.advance("PT2H");
    expect(await naming(runId)).toEqual([]);
    for (const number of [2, 3]) {
      const calls = stack.functions.count("two");
      const anew = await keyed("order-7", { number });
      expect([anew.status, anew.body.runId]).toEqual([202, runId]);
      const run = await stack.operator.untilStatus(runId, "completed");
      expect(run.executionArn?.endsWith(`${runId}.${number}`)).toBe(true);
      expect(run.output).toMatchObject({ number });
      expect(stack.functions.count("two")).toBe(calls + 1);
      await remove(runId);
      await stack.admin.advance("P1DT10M");
    }
    expect(await naming(runId)).toEqual([]);

    // A late event about the first execution does not end a run that has not been started yet.
    await stack.admin.expect([200], "POST", "/local/faults", {
      ...{ service: "states", operation: "StartExecution", when: "before" },
    });
    expect((await keyed("order-7")).status).toBe(202);
    const startDate = Date.parse(begun.startedAt ?? "");
    const [, prefix = "", machine = ""] = /^(.*):execution:(.*):/.exec(begun.executionArn ?? "") ?? [];
    const detail = {
      ...{ executionArn: begun.executionArn, name: `${runId}.1`, status: "ABORTED", startDate },
      stateMachineArn: `${prefix}:stateMachine:${machine}`,
    };
    const path = "/aws/lambda/2015-03-31/functions/sluice-execution-closed/invocations";
    const sent = await fetch(`${stack.url}${path}`, { method: "POST", body: JSON.stringify({ detail }) });
    expect([sent.status, sent.headers.get("x-amz-function-error")]).toEqual([200, null]);
    expect((await stack.operator.run(runId)).status).toBe("pending");
    await stack.admin.expect([200], "DELETE", "/local/faults");
    await stack.admin.advance("PT5M");
    const last = await stack.operator.untilStatus(runId, "completed");
    expect(last.executionArn).toMatch(/\.4$/);
  });

  it("is deleted once by concurrent calls, and never while it is running", async () => {
    const [run] = await parked();
    const answers = await Promise.all(Array.from({ length: 8 }, () => remove(run?.runId ?? "")));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([204, 404, 404, 404, 404, 404, 404, 404]);
    const { runId } = await stack.operator.dispatch("waits", {});
    await stack.operator.untilStatus(runId, "waiting");
    expect((await remove(runId)).body).toMatchObject({
      code: "action_not_allowed",
      currentStatus: "waiting",
    });
    await stack.operator.act(runId, "cancel");
  });

  it("competes with its resume, its replay and its drain, of which one wins completely", async () => {
    const race = new FlowClient(stack.operator, "race");
    await stack.admin.publish("race", tasks("one", "two"));
    await race.pause();
    const queued = await race.dispatchAll(Array.from({ length: 20 }, (_, i) => ({ i })));
    const [, ...deleted] = await Promise.all([race.resume(), ...queued.map(({ runId }) => remove(runId))]);
    const [waiting] = await parked();
    const [woken, removed] = await Promise.all([
      stack.operator.act(waiting?.runId ?? "", "resume"),
      remove(waiting?.runId ?? ""),
    ]);
    expect([woken.status, removed.status].filter((status) => status < 300)).toHaveLength(1);
    const over = await stack.operator.dispatch("fails", {});
    await stack.operator.untilStatus(over.runId, "failed");
    const [replay] = await Promise.all([
      stack.operator.call<Run>("POST", `/runs/${over.runId}/replay`, { from: "failed-step" }),
      remove(over.runId),
    ]);
    expect([202, 404, 422]).toContain(replay.status);
    await race.until((now) => now.draining === null);
    await stack.admin.advance("PT5M");
    const gone = queued.filter((_, i) => deleted[i]?.status === 204).map(({ runId }) => runId);
    expect(await naming(...gone)).toEqual([]);
    await race.untilCensus({ completed: queued.length - gone.length });
    const started = stack.functions.calls("one").map(({ event }) => JSON.stringify(event));
    for (const [i, { status }] of deleted.entries()) {
      expect(status === 204 && started.includes(`{"i":${i}}`)).toBe(false);
    }
    expect(await leftovers(stack.url)).toEqual([]);
  });

  const OPERATIONS = [
    ["dynamodb", "UpdateItem"],
    ["dynamodb", "Query"],
    ["dynamodb", "BatchWriteItem"],
    ["dynamodb", "DeleteItem"],
    ["states", "StopExecution"],
  ] as const;
  it("leaves nothing even if its deletion died between any two calls or lost an answer", async () => {
    const faults = OPERATIONS.flatMap(([service, operation]) =>
      ["before", "after"].map((when) => ({ service, operation, when })),
    );
    const runs = await parked(faults.length);
    const steps = new FlowClient(stack.operator, "steps");
    const over = await steps.dispatchAll(faults.map((_, i) => ({ over: i })));
    for (const { runId } of over) await stack.operator.untilStatus(runId, "completed");
    for (const [i, fault] of faults.entries()) {
      const ids = [runs[i]?.runId ?? "", over[i]?.runId ?? ""];
      await stack.admin.expect([200], "POST", "/local/faults", fault);
      const answers = [await remove(ids[0] ?? ""), await remove(ids[1] ?? "")];
      await stack.admin.expect([200], "DELETE", "/local/faults");
      for (const [j, id] of ids.entries()) {
        // Refused before the tombstone is written: nothing has happened, and a retry deletes the run.
        if (answers[j]?.status !== 204) expect([204, 404]).toContain((await remove(id)).status);
      }
    }
    // The faults strike the sweep too: it fails for a while, and then succeeds.
    for (const [service, operation] of OPERATIONS) {
      await stack.admin.expect([200], "POST", "/local/faults", {
        service,
        operation,
        when: "before",
        times: 8,
      });
    }
    await stack.admin.advance("PT4M");
    await stack.admin.expect([200], "DELETE", "/local/faults");
    for (let tick = 0; tick < 3; tick += 1) await stack.admin.advance("PT1H");
    expect(await naming(...[...runs, ...over].map(({ runId }) => runId))).toEqual([]);
    expect(await leftovers(stack.url)).toEqual([]);
  });
});
