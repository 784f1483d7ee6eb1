import { setTimeout as delay } from "node:timers/promises";
import type { UsageReport } from "../../local/metering/usage.ts";
import type { FlowIdentity } from "../../shared/store/flows/flow-item.ts";
import type { Client } from "../harness/clients/client.ts";
import { FlowClient } from "../harness/clients/flow-client.ts";
import { HoldObserver } from "../harness/ledger/hold-observer.ts";
import { floorStack } from "./bench-stack.ts";
import { type Line, note } from "./report.ts";
import { median } from "./statistics.ts";
import { parkedRuns, queuedRuns } from "./stored-runs.ts";

const PARKED = "parked";
const QUEUED = "queued";
/** Records of a drain that are measured. The calls for each are the same, however many are left. */
const LOOKED_AT = { SendTaskSuccess: 2_000, StartExecution: 500 } as const;
const DRAIN_RATE = 100;
const LOOK_MS = 50;
const ROUNDS = 5;

/** The cost of operations on a run of a held flow, and of its drain per record, by the number of parked runs and queued records. */
export const heldFlows = async (sizes: readonly number[]): Promise<Line[]> => {
  const lines: Line[] = [];
  let smallest: ReadonlyMap<string, Cost> | undefined;
  for (const size of sizes) {
    note(`${size} parked and ${size} queued …`);
    const costs = await measure(size);
    smallest ??= costs;
    for (const [name, cost] of costs)
      lines.push(...linesOf(`${size} parked and queued, ${name}`, cost, smallest.get(name) ?? cost));
  }
  return lines;
};

interface Cost {
  readonly calls: number;
  readonly units: number;
  /** The numbers must be equal for an operation; for a drain, they may differ by the overhead of its first and last batch. */
  readonly within: number;
}

const measure = async (size: number): Promise<ReadonlyMap<string, Cost>> => {
  const { admin, close } = await floorStack({
    stored: async (preparing) => behind(await held(preparing, PARKED), await held(preparing, QUEUED), size),
  });
  try {
    const operations = await operationsOf(admin);
    const drains = [
      ["woken, each", await drained(admin, PARKED, size, "SendTaskSuccess")],
      ["started, each", await drained(admin, QUEUED, size, "StartExecution")],
    ] as const;
    return new Map([...operations, ...drains]);
  } finally {
    await close();
  }
};

const held = async (admin: Client, flowId: string): Promise<FlowIdentity> => {
  await admin.publish(flowId, { StartAt: "Done", States: { Done: { Type: "Pass", End: true } } });
  const { status } = await new FlowClient(admin, flowId).pause();
  if (status !== 200) throw new Error(`The pause answered ${status}`);
  const seen = new HoldObserver(admin.url);
  try {
    const { incarnation } = await seen.flowItem(flowId);
    return { workspace: admin.workspace, flowId, incarnation };
  } finally {
    seen.close();
  }
};

/** One flow has parked runs and queued records; the other has only queued records, so that its drain wakes nothing first. */
async function* behind(parked: FlowIdentity, queued: FlowIdentity, size: number): AsyncGenerator<object> {
  yield* parkedRuns(parked, size);
  yield* queuedRuns(parked, size);
  yield* queuedRuns(queued, size);
}

/** Operations on a record that is dispatched to the held flow. */
const operationsOf = async (admin: Client): Promise<[string, Cost][]> => {
  let runId = "";
  const act = (action: string) => admin.expect([200], "POST", `/runs/${runId}/${action}`, {});
  const operations: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      "dispatch",
      async () => {
        ({ runId } = await admin.dispatch(PARKED, {}));
      },
    ],
    ["get", () => admin.run(runId)],
    ["list", () => admin.expect([200], "GET", `/runs?flowId=${PARKED}`)],
    ["list of what stands still", () => admin.expect([200], "GET", "/attention")],
    ["pause", () => act("pause")],
    ["resume", () => act("resume")],
    ["cancel", () => act("cancel")],
  ];
  const seen = new Map<string, { calls: number; units: number }[]>();
  // The first round begins the flow's meter and fills caches; a window of the meter may end in any round.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, call] of operations) {
      await admin.expect([200], "DELETE", "/local/usage");
      await call();
      if (round > 0) seen.set(name, [...(seen.get(name) ?? []), ofFunctions(await usageOf(admin))]);
    }
  }
  return [...seen].map(([name, rounds]) => [
    name,
    {
      calls: median(rounds.map(({ calls }) => calls)),
      units: median(rounds.map(({ units }) => units)),
      within: 1,
    },
  ]);
};

/** Measures the first records that the drain wakes or starts. Then the flow is held again. */
const drained = async (
  admin: Client,
  flowId: string,
  most: number,
  call: keyof typeof LOOKED_AT,
): Promise<Cost> => {
  const flow = new FlowClient(admin, flowId);
  await admin.expect([200], "DELETE", "/local/usage");
  await flow.resume({ drainRate: DRAIN_RATE });
  for (;;) {
    const report = await usageOf(admin);
    // The drain itself is one execution.
    const done = (report.stepFunctions[call] ?? 0) - (call === "StartExecution" ? 1 : 0);
    if (done < Math.min(LOOKED_AT[call], most)) {
      await delay(LOOK_MS);
      continue;
    }
    await flow.pause();
    const { calls, units } = ofFunctions(report, "sluice-drain");
    return { calls: calls / done, units: units / done, within: 1.05 };
  }
};

const usageOf = (admin: Client): Promise<UsageReport> =>
  admin.expect<UsageReport>([200], "GET", "/local/usage");

/** Calls to the table by anything except the sweeper. */
const ofFunctions = ({ dynamodb }: UsageReport, only?: string): { calls: number; units: number } => {
  const own = Object.entries(dynamodb.byFunction).filter(([name]) =>
    only === undefined ? name !== "sluice-sweep" : name === only,
  );
  return {
    calls: own.reduce((sum, [, used]) => sum + used.calls, 0),
    units: own.reduce((sum, [, used]) => sum + used.readUnits + used.writeUnits, 0),
  };
};

const linesOf = (name: string, cost: Cost, smallest: Cost): Line[] => {
  const listed = name.includes("list") ? 1.05 : cost.within;
  const mark = (within: number) => ({ of: "ratio", atMost: within, atLeast: 1 / within }) as const;
  return [
    { name: `${name}: calls`, value: cost.calls, unit: "", floor: smallest.calls, mark: mark(cost.within) },
    { name: `${name}: units`, value: cost.units, unit: "", floor: smallest.units, mark: mark(listed) },
  ];
};
