import type { Run } from "../../../shared/model/schemas/run.ts";
import { BulkClient } from "../../support/bulk-client.ts";
import type { Client } from "../../support/client.ts";

const ROUNDS = 60;

/** Lifts what holds, resumes what stands, answers what waits, and lets time pass, until every run is over. */
export const letEverythingEnd = async (admin: Client): Promise<void> => {
  const lists = new BulkClient(admin);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const flow of await admin.flows()) {
      if (flow.caps.throughput != null)
        await admin.call("PUT", `/flows/${flow.flowId}/caps`, { throughput: null });
      if (flow.status !== "active") await admin.call("POST", `/flows/${flow.flowId}/resume`, {});
    }
    const open = await lists.runs({ status: "pending,running,paused,waiting" });
    if (open.length === 0) return;
    await each(open, (run) => letGo(admin, run));
    await admin.advance("PT6H");
  }
  throw new Error("The runs do not come to their end");
};

/** The runs that bulk operations deleted; to be asked before time moves on by weeks, since they are kept for 30 days. */
export const deletedInBulk = async (admin: Client, bulkIds: readonly string[]): Promise<string[]> => {
  const bulks = new BulkClient(admin);
  const runIds: string[] = [];
  for (const bulkId of bulkIds) {
    for (let round = 0; (await bulks.now(bulkId)).endedAt === undefined; round += 1) {
      if (round === ROUNDS) throw new Error(`The bulk operation ${bulkId} does not come to its end`);
      await admin.advance("PT1M");
    }
    const results = await bulks.results(bulkId);
    runIds.push(...results.filter(({ outcome }) => outcome === "succeeded").map(({ runId }) => runId));
  }
  return runIds;
};

const letGo = async (admin: Client, { runId, status, pausedBy, waitingOn }: Run): Promise<void> => {
  if (status === "paused" && pausedBy?.kind === "user") await admin.act(runId, "resume");
  if (waitingOn?.kind !== "approval") return;
  await admin.call("POST", `/runs/${runId}/steps/${waitingOn.stepId}/complete`, { decision: "approved" });
};

const AT_ONCE = 6;
export const each = async <T>(things: readonly T[], work: (thing: T) => Promise<unknown>): Promise<void> => {
  const open = things.values();
  const worker = async (): Promise<void> => {
    for (const thing of open) await work(thing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};
