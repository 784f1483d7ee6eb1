import type { UsageReport } from "../../../local/metering/usage.ts";
import { parseMachineName } from "../../../shared/model/machines/machine-names.ts";
import type { FlowIdentity } from "../../../shared/store/flows/flow-item.ts";
import type { Client } from "../../harness/clients/client.ts";
import { floorStack } from "../bench-stack.ts";
import { lambdaFlow } from "../flows.ts";
import { heldFlows } from "../held-flows.ts";
import { type Bench, type Line, note } from "../report.ts";
import { median, mediansInterval } from "../statistics.ts";
import { completedRuns, customer } from "../stored-runs.ts";

const FLOW = "stuck";
const SWEEPER = "sluice-sweep";
const SIZES = [100, 1_000, 10_000];
const LARGEST = 1_000_000;
const ROUNDS = 25;
const WARM_UP = 3;
const BY_ATTRIBUTE = "list by attribute";
/** From here on, each value of the attribute fills a page of every shard. */
const FULL_PAGES = 1_000;

/** One figure for each time. */
interface Cost {
  readonly calls: readonly number[];
  readonly units: readonly number[];
  readonly milliseconds: readonly number[];
}

/** The cost of each operation as the stored runs, or the records of a held flow, increase. Calls and units must not grow. */
export const bench: Bench = async ({ quick, large }) => {
  const lines: Line[] = [];
  const smallest = new Map<string, Cost>();
  for (const size of quick ? [100, 1_000] : [...SIZES, ...(large ? [LARGEST] : [])]) {
    note(`${size} runs …`);
    const costs = await withRuns(size, quick ? 3 : ROUNDS);
    for (const [name, cost] of costs) {
      if (name === BY_ATTRIBUTE && size < FULL_PAGES) continue;
      const least = smallest.get(name) ?? cost;
      smallest.set(name, least);
      lines.push(...linesOf(`${size} runs, ${name}`, cost, least));
    }
  }
  // The smaller number fills a page of tokens in each shard. Reading it costs the same, however few of them are sent.
  const sizes = quick ? [1_000, 2_000] : [10_000, large ? 100_000 : 20_000];
  return [...lines, ...(await heldFlows(sizes))];
};

/** On a stack of its own. */
const withRuns = async (size: number, rounds: number): Promise<ReadonlyMap<string, Cost>> => {
  const { admin, close } = await floorStack({
    stored: async (preparing) => completedRuns(await begunFlow(preparing), size),
  });
  try {
    return await costsOf(admin, rounds);
  } finally {
    await close();
  }
};

/** The first run of a flow begins its meter. */
const begunFlow = async (admin: Client): Promise<FlowIdentity> => {
  await admin.publish(FLOW, lambdaFlow(1, "stuck"));
  const { runId } = await admin.dispatch(FLOW, {});
  const { executionArn = "" } = await admin.untilStatus(runId, "running", 60);
  await admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
  const { incarnation = "" } = parseMachineName(executionArn.split(":").at(-2) ?? "") ?? {};
  return { workspace: admin.workspace, flowId: FLOW, incarnation };
};

/** As many times each, some more at first. */
const costsOf = async (admin: Client, rounds: number): Promise<ReadonlyMap<string, Cost>> => {
  const costs = new Map<string, Cost>();
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    for (const [name, cost] of await once(admin)) {
      const before = round < WARM_UP ? undefined : costs.get(name);
      costs.set(name, {
        calls: [...(before?.calls ?? []), ...cost.calls],
        units: [...(before?.units ?? []), ...cost.units],
        milliseconds: [...(before?.milliseconds ?? []), ...cost.milliseconds],
      });
    }
  }
  return costs;
};

/** In this order: the run that is dispatched is then the one that is read, paused, resumed and cancelled. */
const once = async (admin: Client): Promise<ReadonlyMap<string, Cost>> => {
  let runId = "";
  const operations: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      "dispatch",
      async () => {
        ({ runId } = await admin.dispatch(FLOW, {}));
      },
    ],
    ["get", () => admin.run(runId)],
    ["list", () => admin.expect([200], "GET", `/runs?flowId=${FLOW}`)],
    ["list by status", () => admin.expect([200], "GET", "/runs?status=completed")],
    [
      BY_ATTRIBUTE,
      async () => {
        const value = encodeURIComponent(customer(3));
        const { items } = await admin.expect<{ items: unknown[] }>(
          [200],
          "GET",
          `/runs?attribute.customer=${value}&limit=10`,
        );
        if (items.length === 0) throw new Error("No run is found by its attribute");
      },
    ],
    ["pause", () => admin.expect([200], "POST", `/runs/${runId}/pause`, {})],
    ["resume", () => admin.expect([200], "POST", `/runs/${runId}/resume`, {})],
    ["cancel", () => admin.expect([200], "POST", `/runs/${runId}/cancel`, {})],
  ];
  const costs = new Map<string, Cost>();
  for (const [name, call] of operations) {
    await admin.expect([200], "DELETE", "/local/usage");
    const began = performance.now();
    await call();
    const milliseconds = performance.now() - began;
    // The gates belong to the dispatch: the run must be running when it is paused.
    if (name === "dispatch") await admin.untilStatus(runId, "running", 60);
    await admin.advance("PT0S");
    const { dynamodb } = await admin.expect<UsageReport>([200], "GET", "/local/usage");
    const looked = name === "dispatch" ? [SWEEPER, "sluice-read"] : [SWEEPER];
    const own = Object.entries(dynamodb.byFunction).filter(([function_]) => !looked.includes(function_));
    const calls = own.reduce((sum, [, used]) => sum + used.calls, 0);
    const units = own.reduce((sum, [, used]) => sum + used.readUnits + used.writeUnits, 0);
    costs.set(name, { calls: [calls], units: [units], milliseconds: [milliseconds] });
  }
  return costs;
};

const linesOf = (name: string, cost: Cost, smallest: Cost): Line[] => {
  const constant = { of: "ratio", atMost: 1, atLeast: 1 } as const;
  return [
    {
      name: `${name}: calls`,
      value: median(cost.calls),
      unit: "",
      floor: median(smallest.calls),
      mark: constant,
    },
    {
      ...{ name: `${name}: units`, value: median(cost.units), unit: "", floor: median(smallest.units) },
      // A page of an index is billed by its bytes in half units, and the distribution of the newest runs over the shards
      // differs.
      mark: name.includes("list") ? ({ of: "ratio", atMost: 1.05, atLeast: 0.95 } as const) : constant,
    },
    {
      ...{ name, value: median(cost.milliseconds), unit: "ms", floor: median(smallest.milliseconds) },
      interval: mediansInterval(cost.milliseconds, smallest.milliseconds),
      mark: { of: "interval", atMost: 1 },
    },
  ];
};
