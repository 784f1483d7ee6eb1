import type { JsonObject } from "../../../shared/model/json/json.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import type { Answer } from "../../support/client.ts";
import { DEFINITIONS, type World } from "./world.ts";

/** What somebody does; an answer where it is a call of the API. `mark` tells its calls from others'. */
type Operation = (world: World, mark: string) => Promise<Answer | undefined>;

const onRun =
  (method: string, path = "", body?: JsonObject): Operation =>
  (world, mark) =>
    world.call(method, `/runs/${world.runId}${path}`, body, mark);
const onFlow =
  (method: string, path = "", body?: JsonObject): Operation =>
  (world, mark) =>
    world.call(method, `/flows/${world.flowId}${path}`, body, mark);

/** The event that a function was given last, once more; nothing where it was never called. */
const again =
  (functionName: string): Operation =>
  async (world, mark) => {
    const event = world.events.get(functionName);
    if (event !== undefined) await world.deliver(functionName, event, mark);
    return undefined;
  };

const flowItem = async ({ proof, flowId }: World): Promise<JsonObject | undefined> =>
  (await allItems(proof.url)).find(({ PK, SK }) => PK === `W#demo#F#${flowId}` && SK === "FLOW") as
    | JsonObject
    | undefined;

/** A batch of the drain that the flow wants, or of one that is long over. */
const drainBatch: Operation = async (world, mark) => {
  const flow = await flowItem(world);
  if (flow === undefined) return undefined;
  const { epoch, attempt } = (flow["drain"] ?? { epoch: flow["epoch"], attempt: 1 }) as JsonObject;
  const state = { workspace: "demo", flowId: world.flowId, incarnation: flow["incarnation"] ?? "" };
  await world.deliver(
    "sluice-drain",
    { ...state, epoch: epoch ?? 0, attempt: attempt ?? 1, batches: 0 },
    mark,
  );
  return undefined;
};

/** The event of the hold that stands, or of one that is gone; early, where the hold's time is not over. */
const automaticResume: Operation = async (world, mark) => {
  const flow = await flowItem(world);
  if (flow === undefined) return undefined;
  const [kind = "manual", hold] = Object.entries((flow["holds"] ?? {}) as JsonObject)[0] ?? [];
  const holdId = String((hold as JsonObject | undefined)?.["id"] ?? "aaaaaaaaaaaaaaaa");
  const about = { workspace: "demo", flowId: world.flowId, incarnation: flow["incarnation"] ?? "" };
  await world.deliver("sluice-auto-resume", { ...about, kind, holdId, tries: 0 }, mark);
  return undefined;
};

const bulk =
  (action: string): Operation =>
  (world, mark) =>
    world.call("POST", "/bulk-operations", { action, runIds: [world.runId] }, mark);

/**
 * Everything that may happen to a run or a flow at the same time as anything else. A new entry is paired with all the others.
 */
export const OPERATIONS = {
  dispatch: onFlow("POST", "/runs", { payload: {} }),
  "dispatch a batch": onFlow("POST", "/runs/batch", { records: [{ payload: {} }, { payload: {} }] }),
  "pause the run": onRun("POST", "/pause"),
  "resume the run": onRun("POST", "/resume"),
  "cancel the run": onRun("POST", "/cancel"),
  "delete the run": onRun("DELETE"),
  "replay the run": onRun("POST", "/replay"),
  "pause the flow": onFlow("POST", "/pause"),
  "resume the flow": onFlow("POST", "/resume"),
  "set caps": onFlow("PUT", "/caps", { throughput: { limit: 1, per: "day" } }),
  "delete the flow": onFlow("DELETE"),
  publish: onFlow("PUT", "", { definition: { ...DEFINITIONS.plain, Comment: "later" }, runAs: "system" }),
  activate: onFlow("POST", "/versions/1/activate"),
  "complete the step": (world, mark) =>
    world.call(
      "POST",
      `/runs/${world.runId}/steps/${world.stepId || "none"}/complete`,
      { decision: "approved" },
      mark,
    ),
  "gate once more": again("sluice-gate"),
  "park once more": again("sluice-park"),
  "drain batch": drainBatch,
  sweep: async (world, mark) => {
    await world.deliver("sluice-sweep", {}, mark);
    return undefined;
  },
  "automatic resume": automaticResume,
  "execution closed once more": again("sluice-execution-closed"),
  "bulk resume": bulk("resume"),
  "bulk cancel": bulk("cancel"),
  "bulk batch once more": again("sluice-bulk-batch"),
} as const satisfies Record<string, Operation>;
export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
