import { describe, expect, test } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { Caps, ErrorCap } from "../../model/schemas/flow.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { newRun } from "../dispatch/new-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { failRun } from "../runs/fail-run.ts";
import { haltRun } from "../runs/halt-run.ts";
import { putCaps } from "./put-caps.ts";

const FAILURE = { error: "Oh", cause: "no", state: "Charge" };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const setCaps = (caps: Caps) => putCaps(harness.deps, { ...asked(), caps });
const setCap = (errors: ErrorCap | null) => setCaps({ errors });

const newRunOf = async (): Promise<RunItem> => {
  const { deps } = harness;
  const { workspace, flowId, incarnation } = flow;
  const runId = deps.ids.runId(harness.now);
  const asked = {
    workspace,
    flowId,
    incarnation,
    runId,
    version: 1,
    startedBy: ANN,
    runAs: "system",
  } as const;
  const run = newRun(asked, harness.now, deps.ids);
  await deps.runs.create(run, "{}");
  return run;
};
const fail = async () => failRun(harness.deps, await newRunOf(), FAILURE);
const times = async (count: number, work: () => Promise<unknown>) => {
  for (let nth = 0; nth < count; nth += 1) await work();
};
const complete = () => harness.deps.ends.completion(flow);

describe("an error cap", () => {
  test("holds the flow at the failure that reaches it, with its end and its reason", async () => {
    await setCap({ count: 3, per: "day" });
    await times(2, fail);
    expect((await now()).holds).toEqual({});
    await fail();
    const { holds, rev } = await now();
    expect(holds.errors).toMatchObject({
      by: { kind: "cap", id: "errors" },
      reason: "Error cap reached: 3 per day",
    });
    const { since = "", resumeAt = "" } = holds.errors ?? {};
    expect(Date.parse(resumeAt) - Date.parse(since)).toBe(14 * 86_400_000);
    await times(3, fail);
    expect(await now()).toMatchObject({ holds, rev });
    expect(harness.schedules.holdIds).toEqual([holds.errors?.id]);
  });

  test("counts runs that are halted, and neither cancelled ones nor those that had already ended", async () => {
    await setCap({ count: 2, per: "day" });
    const failed = await fail();
    if (failed === undefined) throw new Error("The run is gone");
    await failRun(harness.deps, failed, FAILURE);
    await cancelRun(harness.deps, { ...asked(), runId: (await newRunOf()).runId });
    expect((await now()).holds).toEqual({});
    await haltRun(harness.deps, await newRunOf(), FAILURE);
    expect((await now()).holds.errors).toBeDefined();
  });

  test("with a share holds only when that part of the ended runs has failed too", async () => {
    await setCap({ count: 2, percent: 40, per: "day" });
    await times(6, complete);
    await times(3, fail);
    expect((await now()).holds).toEqual({});
    await fail();
    expect((await now()).holds.errors?.reason).toBe(
      "Error cap reached: 2 per day and 40 % of the runs that ended",
    );
  });

  test("counts a failure before the run's end is written: without the hold, the run does not end", async () => {
    await setCap({ count: 1, per: "day" });
    const run = await newRunOf();
    harness.schedules.fault = "before";
    await expect(failRun(harness.deps, run, FAILURE)).rejects.toMatchObject({ code: "service_unavailable" });
    expect(await harness.deps.runs.get(run.workspace, run.runId)).toMatchObject({ status: "pending" });
    harness.schedules.fault = undefined;
    await failRun(harness.deps, run, FAILURE);
    expect((await now()).holds.errors).toBeDefined();
  });

  test("begins anew when its hold is lifted, by its kind, its id or at its end", async () => {
    await setCap({ count: 2, per: "day" });
    for (const named of [() => ["errors"], (id: string) => [id], () => undefined]) {
      await times(2, fail);
      const { errors } = (await now()).holds;
      const holds = named(errors?.id ?? "");
      await resume(holds === undefined ? {} : { holds });
      expect((await now()).holds).toEqual({});
      await fail();
      expect((await now()).holds).toEqual({});
      harness.now += 86_400_000;
    }
  });

  test("stands beside a pause, and each is lifted alone", async () => {
    await setCap({ count: 1, per: "day" });
    await pause();
    await fail();
    expect(Object.keys((await now()).holds).sort()).toEqual(["errors", "manual"]);
    await resume({ holds: ["manual"] });
    expect(Object.keys((await now()).holds)).toEqual(["errors"]);
    await resume();
    expect(await now()).toMatchObject({ holds: {}, drain: { epoch: (await now()).epoch } });
  });

  test("counts in the window in which it is set, and nothing without it", async () => {
    await times(3, fail);
    await setCap({ count: 2, per: "minute" });
    await fail();
    harness.now += 60_000;
    await fail();
    expect((await now()).holds).toEqual({});
    await setCap(null);
    await times(3, fail);
    expect((await now()).holds).toEqual({});
  });

  test("is changed alone: an omitted cap stays", async () => {
    await setCaps({ throughput: { limit: 5, per: "day" }, errors: { count: 2, per: "hour" } });
    const { caps, rev } = await setCap({ count: 2, percent: 10, per: "hour" });
    expect(caps).toEqual({
      throughput: { limit: 5, per: "day" },
      errors: { count: 2, percent: 10, per: "hour" },
    });
    expect(await setCap({ count: 2, percent: 10, per: "hour" })).toMatchObject({ rev });
    const [entry] = await harness.deps.flows.audit(flow, 1);
    expect(entry?.reason).toBe(
      "throughput 5 per day, no spend cap, errors 2 per hour and 10 % of the runs that ended",
    );
  });
});
