import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelRun } from "../../shared/domain/cancel-run.ts";
import { dispatchRun } from "../../shared/domain/dispatch-run.ts";
import { pauseFlow } from "../../shared/domain/pause-flow.ts";
import { pauseRun } from "../../shared/domain/pause-run.ts";
import { resumeFlow } from "../../shared/domain/resume-flow.ts";
import { resumeRun } from "../../shared/domain/resume-run.ts";
import { sweep } from "../../shared/domain/sweep.ts";
import type { Actor } from "../../shared/model/actor.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { Table } from "../../shared/store/client.ts";
import type { RunRecord } from "../../shared/store/records.ts";
import { startTestTable, type TestTable } from "../support/dynamodb.ts";
import { HoldRig } from "../support/hold-rig.ts";
import { scheduledTable } from "../support/scheduled-table.ts";

/** Dispatchers, people and drains on one flow, in every order that the scheduler finds of their calls to the table. */
const ANN: Actor = { kind: "user", id: "ann" };
const STARTER = { actor: ANN, permissions: [] };

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.close());

const refusalsAside = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
  }
};

let flows = 0;
const scenario = fc.record({
  scheduler: fc.scheduler(),
  holds: fc.array(fc.constantFrom("pause" as const, "resume" as const), { maxLength: 5 }),
  rival: fc.array(fc.constantFrom("pause" as const, "resume" as const), { maxLength: 2 }),
  records: fc.integer({ min: 1, max: 4 }),
  control: fc.array(fc.constantFrom("pause" as const, "resume" as const, "cancel" as const), {
    maxLength: 3,
  }),
  begunHeld: fc.boolean(),
  /** Looks at what there is to drain, while the others act. */
  drains: fc.integer({ min: 0, max: 20 }),
});

test("every record that was accepted starts exactly once, and no hold stands without its schedule", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (asked) => {
      const { scheduler, records } = asked;
      flows += 1;
      const plain = new Table(db.client, db.name);
      const open = new HoldRig(plain);
      const rig = new HoldRig(scheduledTable(plain, scheduler));
      // Both see the same schedules and drains: the second only sets up, and cleans up at the end.
      Object.assign(open.tools, {
        schedules: rig.schedules,
        drains: rig.drains,
        executions: rig.started,
        clock: rig.tools.clock,
      });
      const { workspace, flowId } = await open.flow(plain, `flow-${flows}`);
      const flow = { workspace, flowId };
      const pause = (tools = rig.tools) => pauseFlow(tools, { ...flow, actor: ANN, mode: "queue" });
      if (asked.begunHeld) await pause(open.tools);

      const accepted: RunRecord[] = [];
      const dispatcher = async (i: number): Promise<void> => {
        const { record } = await dispatchRun(rig.tools, { ...flow, starter: STARTER, payload: { i } });
        accepted.push(record);
        if (i !== 0) return;
        for (const action of asked.control) {
          const act = { pause: pauseRun, resume: resumeRun, cancel: cancelRun }[action];
          await refusalsAside(act(rig.tools, { workspace, runId: record.runId, actor: ANN }));
        }
      };
      const person = async (actions: readonly ("pause" | "resume")[]): Promise<void> => {
        for (const action of actions) {
          const call = action === "pause" ? pause() : resumeFlow(rig.tools, { ...flow, actor: ANN });
          await refusalsAside(call);
        }
      };
      const drainer = async (): Promise<void> => {
        for (let batch = 0; batch < asked.drains; batch += 1) {
          await scheduler.schedule(Promise.resolve(), "drain");
          await rig.drains.step();
        }
      };
      const failures: unknown[] = [];
      const all = [
        person(asked.holds),
        person(asked.rival),
        drainer(),
        ...Array.from({ length: records }, (_, i) => dispatcher(i)),
      ];
      for (const one of all) one.catch((error: unknown) => failures.push(error));
      await scheduler.waitIdle();
      expect(failures).toEqual([]);
      expect(accepted).toHaveLength(records);

      const now = await open.tools.flows.read(workspace, flowId);
      const standing = Object.values(now?.holds ?? {}).map(({ id }) => id);
      expect(rig.schedules.holdIds).toEqual(expect.arrayContaining(standing));

      // What is held or under way to its end: a resume by hand, drains, a user's pauses.
      if (standing.length > 0) await resumeFlow(open.tools, { ...flow, actor: ANN });
      const cleanUp = rig.drains.run();
      await scheduler.waitFor(cleanUp);
      for (const { runId } of accepted) {
        const run = await open.tools.runs.get(workspace, runId);
        if (run?.status === "paused") await resumeRun(open.tools, { workspace, runId, actor: ANN });
      }
      rig.now += 120_000;
      await sweep(open.tools, {
        perShard: 250,
        atOnce: 1,
        budgetMs: 60_000,
        tidy: { budgetMs: 5_000, atOnce: 1 },
      });
      for (const { runId } of accepted) {
        const run = await open.tools.runs.get(workspace, runId);
        expect(run?.queuedAt).toBeUndefined();
        const starts = rig.started.names.filter((name) => name === `${runId}.1`);
        if (run?.status !== "cancelled")
          expect([runId, run?.status, starts.length]).toEqual([runId, "pending", 1]);
        else expect(starts.length).toBeLessThanOrEqual(1);
      }
      const end = await open.tools.flows.read(workspace, flowId);
      expect(end?.drain).toBeUndefined();
      expect(end && (await open.tools.queues.head(end, 10))).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 120_000);
