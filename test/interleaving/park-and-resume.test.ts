import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelRun } from "../../shared/domain/cancel-run.ts";
import { newRun } from "../../shared/domain/new-run.ts";
import { parkGate } from "../../shared/domain/park-gate.ts";
import { type GateEngine, passGate } from "../../shared/domain/pass-gate.ts";
import { pauseRun } from "../../shared/domain/pause-run.ts";
import { readAudit } from "../../shared/domain/read-run.ts";
import { Requirements } from "../../shared/domain/requirements.ts";
import { type ResumeRunTools, resumeRun } from "../../shared/domain/resume-run.ts";
import { wake } from "../../shared/domain/wake-run.ts";
import type { Actor } from "../../shared/model/actor.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { HISTORY_MARK } from "../../shared/model/limits.ts";
import type { Visit } from "../../shared/model/task-events.ts";
import type { Executions } from "../../shared/outbound/executions.ts";
import { Table } from "../../shared/store/client.ts";
import { CounterStore } from "../../shared/store/counters.ts";
import { FlowStore } from "../../shared/store/flows.ts";
import { HoldStore } from "../../shared/store/holds.ts";
import { MeterStore } from "../../shared/store/meters.ts";
import { ParkStore } from "../../shared/store/parks.ts";
import { QueueStore } from "../../shared/store/queues.ts";
import type { RunRecord } from "../../shared/store/records.ts";
import { RunStore } from "../../shared/store/runs.ts";
import { StepStore } from "../../shared/store/steps.ts";
import { keys } from "../../shared/store/table.ts";
import { VersionStore } from "../../shared/store/versions.ts";
import { SettingsStore } from "../../shared/store/workspace-settings.ts";
import { startTestTable, type TestTable } from "../support/dynamodb.ts";
import { scheduledTable } from "../support/scheduled-table.ts";

/**
 * One branch of a run at its gate, a person who pauses, resumes and cancels, and a flow that is held and released, in every
 * order that the scheduler finds of their calls to the table. Step Functions is the loop of gate and park that compiled flows are.
 */
const ANN: Actor = { kind: "user", id: "ann" };
const FLOW = { workspace: "demo", flowId: "order", incarnation: "abcdefghijklmnop", version: 1 };
const HOLD = { manual: { id: "h", since: "2026-01-01T00:00:00.000Z", by: ANN } };

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.close());

/** Tokens that wait, and those that were sent: what Step Functions knows. */
class Tokens implements Executions {
  readonly #waiting = new Map<string, () => void>();
  stopped = false;
  wait(token: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(token, resolve));
  }
  async succeed(token: string): Promise<"sent" | "settled"> {
    const go = this.#waiting.get(token);
    this.#waiting.delete(token);
    go?.();
    return go === undefined ? "settled" : "sent";
  }
  get parked(): number {
    return this.#waiting.size;
  }
  async stop(): Promise<void> {
    this.stopped = true;
  }
  start = async () => "exists" as const;
  fail = async () => "settled" as const;
  describe = async () => undefined;
  length = async () => 0;
  inputOf = async () => undefined;
  async *history(): AsyncGenerator<never> {
    yield* [];
  }
}

/** The flow of these tests has no cap that could hold it. */
const noSchedules = {
  createEnd: async () => undefined,
  createWarning: async () => undefined,
  delete: async () => undefined,
};

interface World {
  readonly engine: GateEngine & ResumeRunTools;
  readonly tokens: Tokens;
  readonly run: RunRecord;
}

const world = async (scheduler: fc.Scheduler): Promise<World> => {
  const plain = new Table(db.client, db.name);
  const table = scheduledTable(plain, scheduler);
  const tokens = new Tokens();
  let now = Date.parse("2026-03-01T12:00:00.000Z");
  const engine: World["engine"] = {
    clock: { now: () => (now += 1) },
    ids: randomIds,
    runs: new RunStore(table),
    steps: new StepStore(table),
    parks: new ParkStore(table),
    holds: new HoldStore(table),
    queues: new QueueStore(table),
    counters: new CounterStore(table),
    meters: new MeterStore(table),
    flows: new FlowStore(table),
    schedules: noSchedules,
    executions: tokens,
    statesArnPrefix: "arn:aws:states:us-east-1:000000000000",
    historyMark: () => HISTORY_MARK,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { count: () => undefined, measure: () => undefined },
    permissionsOf: async () => [],
    settings: new SettingsStore(table),
    requirements: new Requirements(new VersionStore(table)),
  };
  const run = newRun({ ...FLOW, runId: randomIds.runId(now), startedBy: ANN, runAs: "user" }, now, randomIds);
  const hold = keys.hold(FLOW.workspace, FLOW.flowId, FLOW.incarnation);
  await plain.put({ ...hold, incarnation: FLOW.incarnation, holds: {}, mode: "queue", epoch: 0 });
  await plain.put({
    ...keys.version(FLOW.workspace, FLOW.flowId, FLOW.incarnation, 1),
    machineVersionArn: "arn",
  });
  await new RunStore(plain).create(run, "{}");
  return { engine, tokens, run };
};

/** What became of a branch, and whether it started a step that it must not have. */
interface Branch {
  outcome: "parked" | "passed" | "closed";
  broken: boolean;
}

/** A pause that was acknowledged, while no resume has been asked for since. */
interface Acknowledged {
  paused: boolean;
}

const branch = async (world: World, visit: Visit, known: Acknowledged): Promise<Branch> => {
  const { engine, tokens, run } = world;
  const event = { ...FLOW, v: 1, execution: `${run.runId}.1`, ...visit };
  const state: Branch = { outcome: "parked", broken: false };
  results.set(visit.path, state);
  for (let round = 0; ; round += 1) {
    const pausedBefore = known.paused;
    try {
      await passGate(engine, { ...event, op: "gate", kind: "step", type: "Task", input: {} });
      state.outcome = "passed";
      state.broken = pausedBefore && known.paused;
      // Another copy of the call, whose answer nobody reads: whenever it comes, it must leave the run as it is.
      await passGate(engine, { ...event, op: "gate", kind: "step", type: "Task", input: {} }).catch(refused);
      return state;
    } catch (error) {
      if ((error as Error).name === "Sluice.Closed") {
        state.outcome = "closed";
        return state;
      }
      if ((error as Error).name !== "Sluice.Paused") throw error;
    }
    const token = `${run.runId}/${visit.path}/${round}`;
    const woken = tokens.wait(token);
    await parkGate(engine, { ...event, op: "park", token });
    await woken;
  }
};
const refused = (error: Error): void => {
  if (!error.name.startsWith("Sluice.")) throw error;
};
const results = new Map<string, Branch>();

const person = async (world: World, actions: readonly string[], known: Acknowledged): Promise<void> => {
  const request = { workspace: FLOW.workspace, runId: world.run.runId, actor: ANN };
  for (const action of actions) {
    try {
      if (action === "pause") {
        await pauseRun(world.engine, request);
        known.paused = true;
      } else {
        known.paused = false;
        await (action === "resume" ? resumeRun : cancelRun)(world.engine, request);
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      known.paused =
        (await world.engine.runs.get(request.workspace, request.runId))?.pausedBy?.kind === "user";
    }
  }
};

/** Holds and releases the flow, as its resume does: the write first, then the parks. */
const flow = async (world: World, holds: readonly boolean[], table: Table): Promise<void> => {
  const key = keys.hold(FLOW.workspace, FLOW.flowId, FLOW.incarnation);
  for (const held of holds) {
    await table.put({
      ...key,
      incarnation: FLOW.incarnation,
      holds: held ? HOLD : {},
      mode: "queue",
      epoch: 0,
    });
    if (held) continue;
    for await (const park of world.engine.parks.ofRun(world.run)) {
      if (park.holder === "flow") await wake(world.engine, world.run, park);
    }
  }
};

const scenario = fc.record({
  scheduler: fc.scheduler(),
  actions: fc.array(fc.constantFrom("pause", "resume", "pause", "resume", "cancel"), { maxLength: 5 }),
  holds: fc.array(fc.boolean(), { maxLength: 3 }),
  branches: fc.integer({ min: 1, max: 3 }),
});

test("no gate stays parked while nothing holds it, and none passes after an acknowledged pause", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ scheduler, actions, holds, branches }) => {
      const setUp = world(scheduler);
      await scheduler.waitFor(setUp);
      const here = await setUp;
      const table = scheduledTable(new Table(db.client, db.name), scheduler);
      const known: Acknowledged = { paused: false };
      results.clear();
      const entered = "2026-03-01T12:00:00.000Z";
      const all = [
        person(here, actions, known),
        flow(here, holds, table),
        ...Array.from({ length: branches }, (_, index) =>
          branch(here, { state: "Charge", path: branches === 1 ? "" : `Fan[${index}]`, entered }, known),
        ),
      ];
      const failures: unknown[] = [];
      for (const one of all) one.catch((error: unknown) => failures.push(error));
      await scheduler.waitIdle();
      expect(failures).toEqual([]);

      const checked = (async () => {
        const run = await here.engine.runs.get(FLOW.workspace, here.run.runId);
        const audit = await readAudit(here.engine, FLOW.workspace, here.run.runId);
        return { run, audit };
      })();
      await scheduler.waitFor(checked);
      const { run, audit } = await checked;
      const outcomes = [...results.values()];
      expect(outcomes.filter(({ broken }) => broken)).toEqual([]);
      expect(audit.map(({ rev }) => rev)).toEqual(audit.map((_, index) => index + 1));
      expect(audit.slice(1).map(({ from }) => from)).toEqual(audit.slice(0, -1).map(({ to }) => to));
      const held = holds.at(-1) === true;
      if (run?.status === "cancelled") {
        expect(here.tokens.stopped).toBe(true);
      } else if (run?.status === "paused" && run.pausedBy?.kind === "user") {
        expect(here.tokens.parked).toBe(outcomes.filter(({ outcome }) => outcome === "parked").length);
      } else if (!held) {
        expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => "passed"));
        expect(here.tokens.parked).toBe(0);
        expect(run?.status).toBe("running");
      }
    }),
    { numRuns: 50 },
  );
}, 120_000);
