import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dailyPart } from "../../../../test/harness/daily-part.ts";
import { tasks } from "../../../../test/harness/definitions.ts";
import { ANN, flowCalls, freshFlows } from "../../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../../test/harness/domain/hold-harness.ts";
import { PlayedRun, playedRuns } from "../../../../test/harness/domain/played-run.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { dispatchRun } from "../../dispatch/dispatch-run.ts";
import { resumeRun } from "../../repair/resume-run.ts";
import { pauseRun } from "../../runs/pause-run.ts";
import { addSafetyHold } from "../add-hold.ts";
import { holdSteps } from "./hold-steps.ts";

let harness: HoldHarness;
let flow: FlowItem;
freshFlows(async (fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const { playedRun, batch, drain } = playedRuns(() => ({ harness, flow }));

/** Holds a state, and returns the id of the hold. */
const hold = async (state: string): Promise<string> => {
  const before = new Set(Object.keys((await now()).partialHolds ?? {}));
  await harness.deps.versions.putText(flow, 1, "user", tasks("Check", "Charge", "Ship") as never);
  const { partialHolds = {} } = await holdSteps(harness.deps, { ...asked(), mode: "queue", steps: [state] });
  const id = Object.keys(partialHolds).find((one) => !before.has(one));
  if (id === undefined) throw new Error("There is no hold");
  return id;
};
const pauseAll = async (): Promise<string> => (await pause()).holds.manual?.id ?? "";

describe("race 41: a hold on steps that is", () => {
  test("placed and lifted around a drain, strands nobody and wakes nobody in vain", async () => {
    const whole = await pauseAll();
    const stands = await playedRun("Charge");
    await stands.gate();
    await hold("Charge");
    await resume({ holds: [whole], drainRate: 7 });
    // The drain of the whole hold is under way; another hold on steps does not stop it.
    await hold("Ship");
    expect((await now()).drain).toMatchObject({ rate: 7, epoch: (await now()).epoch });
    await drain(stands);
    expect([stands.passed, stands.wakes]).toEqual([false, 0]);
    await resume();
    await drain(stands);
    expect([stands.passed, stands.wakes]).toEqual([true, 1]);
  });
  test("lifted in the middle of a drain, strands nobody and wakes nobody in vain", async () => {
    const [charge, ship] = [await hold("Charge"), await hold("Ship")];
    const at = async (state: string) => {
      const run = await playedRun(state);
      await run.gate();
      return run;
    };
    const charged = [await at("Charge"), await at("Charge"), await at("Charge")];
    const shipped = [await at("Ship"), await at("Ship")];
    const checked = [await playedRun("Check"), await playedRun("Check")];
    const whole = await pauseAll();
    for (const run of checked) await run.gate();
    const queued: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: { i } };
      queued.push((await dispatchRun(harness.deps, request)).record.runId);
    }
    const all = [...charged, ...shipped, ...checked];
    const wakes = () => [charged, shipped, checked].map((runs) => runs.map((run) => run.wakes));
    const started = () => harness.started.names.filter((name) => queued.some((id) => name.startsWith(id)));

    await resume({ holds: [whole], drainRate: 2 });
    await batch(...all);
    expect([wakes(), started().length]).toEqual([
      [
        [0, 0, 0],
        [0, 0],
        [1, 1],
      ],
      2,
    ]);
    const { drain: first } = await now();
    await resume({ holds: [charge], drainRate: 2 });
    expect((await now()).drain?.epoch).not.toBe(first?.epoch);
    await drain(...all);
    expect(wakes()).toEqual([
      [1, 1, 1],
      [0, 0],
      [1, 1],
    ]);
    expect(all.map((run) => run.passed)).toEqual([true, true, true, false, false, true, true]);
    expect(started().sort()).toEqual(queued.map((id) => `${id}.1`).sort());
    await resume({ holds: [ship] });
    await drain(...all);
    expect(wakes()).toEqual([
      [1, 1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(all.every((run) => run.passed)).toBe(true);
    expect(started()).toHaveLength(queued.length);
  });
});

const HOLDS = ["manual", "throughput", "here", "here too", "elsewhere", "own"] as const;
type Name = (typeof HOLDS)[number];

const ids = new Map<Name, string>();
const place: Record<Name, (played: PlayedRun) => Promise<unknown>> = {
  manual: async () => ids.set("manual", await pauseAll()),
  throughput: async () => {
    const held = await addSafetyHold(harness.deps, flow, { kind: "throughput", reason: "busy" });
    ids.set("throughput", held?.holds.throughput?.id ?? "");
  },
  here: async () => ids.set("here", await hold("Charge")),
  "here too": async () => ids.set("here too", await hold("Charge")),
  elsewhere: async () => ids.set("elsewhere", await hold("Ship")),
  own: ({ deps, run }) => pauseRun(deps, { workspace: flow.workspace, runId: run.runId, actor: ANN }),
};
const lift = async (name: Name, played: PlayedRun): Promise<void> => {
  if (name === "own")
    await resumeRun(played.deps, { workspace: flow.workspace, runId: played.run.runId, actor: ANN });
  else await resume({ holds: [ids.get(name) ?? ""] });
  await drain(played);
};

/** Places the holds, calls the run's gate, and lifts them in the order of `lifted`. The run must go on exactly when nothing holds it. */
const play = async (path: string, placed: readonly Name[], lifted: readonly Name[]): Promise<void> => {
  const played = await playedRun("Charge", path);
  // It has begun, so that the user's resume wakes it.
  if (path === "") await new PlayedRun(harness, played.run, "Check", "").gate();
  for (const name of placed) await place[name](played);
  await played.gate();
  const standing = new Set<Name>(placed);
  for (const next of lifted) {
    const keeping = [...standing].filter((name) => name !== "elsewhere");
    expect(played.passed, `held by ${[...standing]}`).toBe(keeping.length === 0);
    const wakes = played.wakes;
    await lift(next, played);
    standing.delete(next);
    // A lifted hold of the flow wakes nothing that another one keeps.
    const kept = [...standing].some((name) => name !== "elsewhere" && name !== "own");
    if (next !== "own" && kept) expect(played.wakes, `woken by ${next}`).toBe(wakes);
  }
  expect(played.passed).toBe(true);
  expect((await played.now()).status).toBe("running");
};

/** `npm test` plays a sixth of the orders, another one each day; `npm run prove:lifts` plays all. */
const PARTS = process.env["PROVE"] === "all" ? 1 : 6;
const orders = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((first, index) => orders(all.toSpliced(index, 1)).map((rest) => [first, ...rest]));

describe("a run goes on exactly when nothing holds it", { timeout: 120_000 }, () => {
  const four = ["manual", "throughput", "here", "own"] as const;
  test.each(["", "Fan[1]"])(
    "in all 24 orders of lifting a pause, a cap, a hold on its step and its own pause, at %j",
    async (path) => {
      const today = orders(four).filter((_order, index) => index % PARTS === dailyPart(PARTS));
      for (const lifted of today) await play(path, four, lifted);
    },
  );

  test("with any of these and others, in any order", async () => {
    const holds = fc.shuffledSubarray([...HOLDS], { minLength: 1 });
    const both = holds.chain((placed) =>
      fc.tuple(fc.constant(placed), fc.shuffledSubarray(placed, { minLength: placed.length })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("", "Fan[1]"), both, (path, [placed, lifted]) =>
        play(path, placed, lifted),
      ),
      { numRuns: 6 },
    );
  });
});
