import type { Step } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import type { Holds } from "../../../shared/store/flows/holds.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { type Books, readBooks, remains } from "../../harness/ledger/ledger.ts";
import type { World } from "./world.ts";

/** How long is waited after each round. The last outlives every schedule. */
const ROUNDS = ["PT5M", "PT1H", "PT3H", "P1D", "PT5M", "PT1H", "P1D", "P15D", "P1D"];

/** Resumes, answers and drains whatever stands, until nothing is left to do. */
export const endAll = async (world: World): Promise<Books> => {
  let books = await readBooks(world.stack.url);
  for (const pause of ROUNDS) {
    if (remains(books).length === 0) break;
    await actOn(world, books);
    await world.advance(pause);
    books = await readBooks(world.stack.url);
  }
  return books;
};

const actOn = async (world: World, { items, runs }: Books): Promise<void> => {
  for (const { SK, flowId, holds } of items) {
    if (SK === "FLOW") await open(world, String(flowId), (holds ?? {}) as Holds);
  }
  for (const run of runs) if (!isTerminal(run.status)) await goOn(world, run);
};

const open = async (world: World, flowId: string, { spend, ...others }: Holds): Promise<void> => {
  if (Object.keys(others).length > 0) await world.call("POST", `/flows/${flowId}/resume`, {});
  if (spend !== undefined) await world.call("PUT", `/flows/${flowId}/caps`, { spend: null });
};

const goOn = async (world: World, { runId, status, pausedBy }: RunItem): Promise<void> => {
  if (status === "paused" && pausedBy?.kind === "user") await world.call("POST", `/runs/${runId}/resume`, {});
  if (status !== "waiting") return;
  const steps = await world.call<{ items?: Step[] }>("GET", `/runs/${runId}/steps`);
  for (const { stepId, waitingOn, status: stands } of steps.body.items ?? []) {
    if (stands !== "waiting" || waitingOn === undefined) continue;
    const decision = waitingOn.kind === "form" ? "submitted" : "approved";
    const data = decision === "submitted" ? { data: {} } : {};
    await world.call("POST", `/runs/${runId}/steps/${stepId}/complete`, { decision, ...data });
  }
};
