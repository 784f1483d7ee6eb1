import { isTerminal } from "../../../shared/model/transitions.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import type { Client } from "../../harness/clients/client.ts";
import type { LedgerReader } from "../harness/ledger/ledger.ts";
import { releaseAll } from "../harness/release-all.ts";

const ROUNDS = 60;

/** Removes all caps, then releases everything and lets time pass until every run has ended. */
export const endEverything = async (admin: Client, reader: LedgerReader): Promise<void> => {
  for (const { flowId, caps } of await admin.flows()) {
    if (caps.throughput != null) await admin.call("PUT", `/flows/${flowId}/caps`, { throughput: null });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const ledger = await reader.read();
    await releaseAll(admin, ledger);
    if (ledger.runs.every(({ status }) => isTerminal(status))) return;
    await admin.advance("PT6H");
  }
  throw new Error(`Some runs have not ended after ${ROUNDS} rounds`);
};

/** The runs that bulk operations deleted. Read it before time moves by weeks: the results are kept for 30 days. */
export const deletedInBulk = async (admin: Client, bulkIds: readonly string[]): Promise<string[]> => {
  const bulks = new BulkClient(admin);
  const runIds: string[] = [];
  for (const bulkId of bulkIds) {
    for (let round = 0; (await bulks.now(bulkId)).endedAt === undefined; round += 1) {
      if (round === ROUNDS) throw new Error(`The bulk operation ${bulkId} has not ended`);
      await admin.advance("PT1M");
    }
    const results = await bulks.results(bulkId);
    runIds.push(...results.filter(({ outcome }) => outcome === "succeeded").map(({ runId }) => runId));
  }
  return runIds;
};
