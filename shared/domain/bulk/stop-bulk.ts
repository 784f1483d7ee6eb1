import { iso } from "../../model/time/clock.ts";
import type { BulkItem } from "../../store/bulk/bulk-records.ts";
import { bulkAlreadyEnded } from "../refusals.ts";
import type { BulkTools } from "./bulk-tools.ts";
import { endBulk } from "./end-bulk.ts";
import { bulkStatus, existingBulk } from "./read-bulk.ts";

/**
 * Stops an operation. The request for it first: from then on nothing new is taken in hand. Then the end, unless runs are in hand:
 * then whoever works on them, or the sweeper for one who died, finishes those and ends it, so the counters stay exact.
 */
export const stopBulk = async (deps: BulkTools, workspace: string, bulkId: string): Promise<BulkItem> => {
  const bulk = existingBulk(deps, await deps.bulks.get(workspace, bulkId));
  const asked = await deps.bulks.requestStop(bulk, iso(deps.clock.now()));
  if (!asked.ok) {
    throw bulkAlreadyEnded(bulkStatus(existingBulk(deps, asked.current)));
  }
  return (await endBulk(deps, asked.bulk)) ?? asked.bulk;
};
