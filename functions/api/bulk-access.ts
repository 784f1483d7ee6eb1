import { existingBulk } from "../../shared/domain/bulk/read-bulk.ts";
import { bulkNotFound } from "../../shared/domain/refusals.ts";
import type { Caller } from "../../shared/domain/workspace/admit.ts";
import type { BulkItem } from "../../shared/store/bulk/bulk-records.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";

/** Who sees only their own runs sees only their own operations, since results name runs. */
export const mayReadBulk =
  ({ grant, actor }: Caller) =>
  ({ createdBy }: BulkItem): boolean =>
    grant === "all" || (createdBy.kind === actor.kind && createdBy.id === actor.id);

/** An operation that the caller may read. Throws `not_found`. */
export const readableBulk = async (
  deps: Dependencies,
  caller: Caller,
  { workspace, bulkId }: { readonly workspace: string; readonly bulkId: string },
): Promise<BulkItem> => {
  const bulk = existingBulk(deps, await deps.bulks.get(workspace, bulkId));
  if (mayReadBulk(caller)(bulk)) return bulk;
  throw bulkNotFound();
};
