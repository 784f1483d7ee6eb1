import { setTimeout as delay } from "node:timers/promises";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { forEachConcurrent } from "../../../shared/domain/concurrency.ts";
import type { FlowIdentity } from "../../../shared/store/flows/flow-item.ts";
import type { Client } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { floorStack } from "../bench-stack.ts";
import { type Bench, type Line, note } from "../report.ts";
import { CAP, fullKey, waitingRecords } from "../slots/waiting-records.ts";
import { median } from "../statistics.ts";

/** Keys of a flow's limit, and records that wait: half of them for one key, the others spread over the rest. */
interface Size {
  readonly keys: number;
  readonly waiting: number;
  /** Records that callers dispatch to the same key at once. */
  readonly burst: number;
  /** Records of that key whose whole lives are measured, one after the other. */
  readonly lives: number;
}
const QUICK: readonly Size[] = [
  { keys: 10, waiting: 100, burst: 50, lives: 20 },
  { keys: 100, waiting: 1_000, burst: 50, lives: 20 },
];
const SMALL = { keys: 1_000, waiting: 10_000, burst: 1_000, lives: 300 };
const MEDIUM = { ...SMALL, keys: 10_000, waiting: 100_000 };
const LARGE = { ...SMALL, keys: 100_000, waiting: 1_000_000 };

const FLOW = "limited";
const HOT = "hot";
const ROUNDS = 7;
const CALLERS = 50;
const LOOK_MS = 20;
/** Calls with which a flow's slots are read, however many keys it has: it counts 2,000 at most. */
const MAX_CALLS_OF_SLOTS = 2_200;

interface Cost {
  readonly calls: number;
  readonly units: number;
  /** How much the figures may differ from those of the smallest size. */
  readonly within: number;
}

/** The cost of a record in a flow with a concurrency limit, as its keys and the records that wait increase. It must not grow. */
export const bench: Bench = async ({ quick, large }) => {
  const lines: Line[] = [];
  let smallest: ReadonlyMap<string, Cost> | undefined;
  for (const size of quick ? QUICK : [SMALL, large ? LARGE : MEDIUM]) {
    const name = `${size.keys} keys, ${size.waiting} waiting`;
    note(`${name} …`);
    const { costs, slots, burstRate } = await measure(size);
    smallest ??= costs;
    for (const [of, cost] of costs) lines.push(...linesOf(`${name}, ${of}`, cost, smallest.get(of) ?? cost));
    const bounded = { of: "value", atMost: MAX_CALLS_OF_SLOTS } as const;
    lines.push({ name: `${name}, the flow's slots: calls`, value: slots, unit: "", mark: bounded });
    lines.push({ name: `${name}, ${CALLERS} callers, one key`, value: burstRate, unit: "records/s" });
  }
  return lines;
};

const measure = async (size: Size) => {
  const { admin, close } = await floorStack({
    stored: async (preparing) => stored(await limitedFlow(preparing), size),
  });
  try {
    const holder = await holderOf(admin);
    const costs = new Map(await operationsOf(admin));
    const slots = (await usedBy(admin, "sluice-read", () => admin.call("GET", `/flows/${FLOW}/slots`))).calls;
    const began = performance.now();
    const burst = await usedBy(admin, "sluice-dispatch", () =>
      forEachConcurrent(numbers(size.burst), { concurrency: CALLERS }, async () => {
        await admin.dispatch(FLOW, { customer: HOT });
      }),
    );
    const burstRate = size.burst / ((performance.now() - began) / 1_000);
    costs.set(`dispatch, ${CALLERS} callers at once, one key`, perRecord(burst, size.burst));
    costs.set("whole life, one key, each", await lives(admin, holder, size.lives));
    return { costs, slots, burstRate };
  } finally {
    await close();
  }
};

/** A flow whose runs end at once, apart from those that are told to stay. One of these holds the only slot of the key. */
const limitedFlow = async (admin: Client): Promise<FlowIdentity> => {
  await admin.publish(FLOW, {
    StartAt: "Which",
    States: {
      Which: {
        Type: "Choice",
        Choices: [{ Variable: "$.stays", IsPresent: true, Next: "Stay" }],
        Default: "Done",
      },
      Stay: { Type: "Wait", Seconds: 1_000_000, Next: "Done" },
      Done: { Type: "Pass", End: true },
    },
  });
  await admin.expect([200], "PUT", `/flows/${FLOW}/caps`, { concurrency: CAP });
  const { runId } = await admin.dispatch(FLOW, { customer: HOT, stays: true });
  await admin.untilStatus(runId, "waiting", 60);
  // The last of all that wait: it records that others do.
  await admin.dispatch(FLOW, { customer: HOT });
  const seen = new HoldObserver(admin.url);
  try {
    const { incarnation } = await seen.flowItem(FLOW);
    return { workspace: admin.workspace, flowId: FLOW, incarnation };
  } finally {
    seen.close();
  }
};

async function* stored(flow: FlowIdentity, { keys, waiting, lives }: Size): AsyncGenerator<object> {
  const [hot, others] = [waiting / 2, waiting / 2 / keys];
  yield* waitingRecords(flow, { customer: HOT, records: hot, runs: 2 * lives });
  for (const n of numbers(keys)) yield* fullKey(flow, customerOf(n), others);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const customerOf = (n: number): string => `customer ${n}`;

const holderOf = async (admin: Client): Promise<string> => {
  const { items } = await admin.expect<{ items: { runId: string }[] }>(
    [200],
    "GET",
    `/runs?flowId=${FLOW}&status=waiting`,
  );
  return items[0]?.runId ?? "";
};

/** Operations on single records: of a key that is new, of one that is full, and of one with half of all that wait. */
const operationsOf = async (admin: Client): Promise<[string, Cost][]> => {
  let runId = "";
  const dispatched = async (customer: string) => {
    ({ runId } = await admin.dispatch(FLOW, { customer }));
  };
  const operations = [
    ["dispatch, new key", "sluice-dispatch", (n: number) => dispatched(`new customer ${n}`)],
    ["dispatch, full key", "sluice-dispatch", (n: number) => dispatched(customerOf(n))],
    ["dispatch, the key with most", "sluice-dispatch", () => dispatched(HOT)],
    ["cancel, waiting", "sluice-control", () => admin.expect([200], "POST", `/runs/${runId}/cancel`, {})],
  ] as const;
  const seen = new Map<string, Omit<Cost, "within">[]>();
  // The first round fills caches.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, function_, call] of operations) {
      const used = await usedBy(admin, function_, () => call(round));
      if (round > 0) seen.set(name, [...(seen.get(name) ?? []), used]);
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

/** The slot of one key goes from record to record: each starts, ends, and hands it on. Counts all that this takes. */
const lives = async (admin: Client, holder: string, count: number): Promise<Cost> => {
  await admin.expect([200], "DELETE", "/local/usage");
  await admin.expect([200], "POST", `/runs/${holder}/cancel`, {});
  for (;;) {
    const report = await usageOf(admin);
    const started = report.stepFunctions["StartExecution"] ?? 0;
    if (started >= count) {
      // What comes free now goes to the queue of the hold.
      await new FlowClient(admin, FLOW).pause();
      return perRecord(
        ofFunctions(report, (name) => !APART.includes(name)),
        started,
      );
    }
    await delay(LOOK_MS);
  }
};

/** The sweeper runs every minute anyway. */
const APART: readonly string[] = ["sluice-sweep", "sluice-read", "sluice-control"];

const perRecord = ({ calls, units }: Omit<Cost, "within">, records: number): Cost => ({
  ...{ calls: calls / records, units: units / records, within: 1.05 },
});

const usageOf = (admin: Client): Promise<UsageReport> =>
  admin.expect<UsageReport>([200], "GET", "/local/usage");

const ofFunctions = ({ dynamodb }: UsageReport, isOne: (name: string) => boolean): Omit<Cost, "within"> => {
  const own = Object.entries(dynamodb.byFunction).filter(([name]) => isOne(name));
  return {
    calls: own.reduce((sum, [, used]) => sum + used.calls, 0),
    units: own.reduce((sum, [, used]) => sum + used.readUnits + used.writeUnits, 0),
  };
};

/** The calls of one function while the request is served. */
const usedBy = async (admin: Client, function_: string, request: () => Promise<unknown>) => {
  await admin.expect([200], "DELETE", "/local/usage");
  await request();
  return ofFunctions(await usageOf(admin), (name) => name === function_);
};

const linesOf = (name: string, cost: Cost, smallest: Cost): Line[] => {
  const mark = { of: "ratio", atMost: cost.within, atLeast: 1 / cost.within } as const;
  return [
    { name: `${name}: calls`, value: cost.calls, unit: "", floor: smallest.calls, mark },
    { name: `${name}: units`, value: cost.units, unit: "", floor: smallest.units, mark },
  ];
};
