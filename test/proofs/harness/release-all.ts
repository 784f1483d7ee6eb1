import type { Holds, PartialHolds } from "../../../shared/model/holds/hold.ts";
import type { Step } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import type { Client } from "../../harness/clients/client.ts";
import type { Ledger } from "./ledger/ledger.ts";

/**
 * Resolves every incident, cancels every planned pause, lifts every hold, gives up every run that an error paused, resumes every run that a user paused, and
 * answers every step that waits for a person.
 * @param settle waits for the effects of each action
 */
export const releaseAll = async (
  client: Client,
  { items, runs }: Ledger,
  settle: () => Promise<unknown> = async () => undefined,
): Promise<void> => {
  for (const { SK, incidentId, status } of items)
    if (SK === "INCIDENT" && status === "open")
      await client.call("POST", `/incidents/${incidentId}/resolve`, {});
  for (const { SK, flowId, scheduledPause, holds = {}, partialHolds = {} } of items) {
    if (SK !== "FLOW") continue;
    if (scheduledPause !== undefined) await client.call("DELETE", `/flows/${flowId}/scheduled-pause`);
    await liftHolds(client, String(flowId), holds as Holds, partialHolds as PartialHolds);
  }
  await settle();
  for (const run of runs) {
    if (isTerminal(run.status)) continue;
    await release(client, run);
    await settle();
  }
};

const liftHolds = async (
  client: Client,
  flowId: string,
  { spend, ...others }: Holds,
  partial: PartialHolds,
): Promise<void> => {
  const ids = Object.values({ ...others, ...partial }).map(({ id }) => id);
  if (ids.length > 0) await client.call("POST", `/flows/${flowId}/resume`, { holds: ids });
  if (spend !== undefined) await client.call("PUT", `/flows/${flowId}/caps`, { spend: null });
};

const release = async (client: Client, { runId, status, pausedBy }: RunItem): Promise<void> => {
  if (status === "paused" && pausedBy?.kind === "user") await client.act(runId, "resume");
  if (status === "paused" && pausedBy?.kind === "error") await client.act(runId, "resume", { giveUp: true });
  if (status !== "waiting") return;
  // The run may be gone by now.
  const { body } = await client.call<{ items?: Step[] }>("GET", `/runs/${runId}/steps`);
  for (const { stepId, waitingOn, status: ofStep } of body.items ?? []) {
    if (ofStep !== "waiting" || waitingOn === undefined) continue;
    const answer = waitingOn.kind === "form" ? { decision: "submitted", data: {} } : { decision: "approved" };
    await client.call("POST", `/runs/${runId}/steps/${stepId}/complete`, answer);
  }
};
