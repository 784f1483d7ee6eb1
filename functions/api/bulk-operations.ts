import { stopBulk } from "../../shared/domain/bulk/end-bulk.ts";
import { previewBulk } from "../../shared/domain/bulk/preview-bulk.ts";
import { bulkView, existingBulk, listBulkResults, listBulks } from "../../shared/domain/bulk/read-bulk.ts";
import { startBulk } from "../../shared/domain/bulk/start-bulk.ts";
import { bulkNotFound, mayNotRepair } from "../../shared/domain/refusals.ts";
import { isMove } from "../../shared/domain/repair/move-request.ts";
import type { Caller } from "../../shared/domain/workspace/authorize.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import type { BulkItem } from "../../shared/store/bulk/bulk-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const startBulkEndpoint = (deps: Dependencies) =>
  endpoint(deps, bulkOperations.startBulkOperation, async ({ params, body, idempotencyKey }, caller) => {
    if (body.action === "delete" && caller.grantOf("delete") !== "all") {
      throw new SluiceError("forbidden", "You do not have permission to delete runs");
    }
    const moves = body.action === "resume" && isMove({ at: body.at, version: body.version });
    if (moves && caller.grantOf("repair-runs") !== "all") throw mayNotRepair();
    const { workspace } = params;
    if (body.dryRun === true)
      return { status: 200, body: await previewBulk(deps, { workspace, asked: body }) };
    const request = {
      workspace,
      starter: caller,
      asked: body,
      defaultRate: deps.bulkRate(),
      idempotencyKey,
    };
    const bulk = bulkView(await startBulk(deps, request));
    return {
      status: 202,
      body: bulk,
      location: `/v1/workspaces/${workspace}/bulk-operations/${bulk.bulkId}`,
    };
  });

export const listBulksEndpoint = (deps: Dependencies) =>
  endpoint(deps, bulkOperations.listBulkOperations, async ({ params, query }, caller) => ({
    status: 200,
    body: await listBulks(deps, params.workspace, query, mayReadBulk(caller)),
  }));

export const getBulkEndpoint = (deps: Dependencies) =>
  endpoint(deps, bulkOperations.getBulkOperation, async ({ params }, caller) => ({
    status: 200,
    body: bulkView(await readableBulk(deps, caller, params)),
  }));

export const listBulkResultsEndpoint = (deps: Dependencies) =>
  endpoint(deps, bulkOperations.listBulkResults, async ({ params, query }, caller) => ({
    status: 200,
    body: await listBulkResults(deps, await readableBulk(deps, caller, params), query),
  }));

export const stopBulkEndpoint = (deps: Dependencies) =>
  endpoint(deps, bulkOperations.stopBulkOperation, async ({ params }) => ({
    status: 200,
    body: bulkView(await stopBulk(deps, params.workspace, params.bulkId)),
  }));

/** Whether the caller may read a bulk operation. Its results name runs, so callers who see only their own runs see only their own operations. */
const mayReadBulk =
  ({ grant, actor }: Caller) =>
  ({ createdBy }: BulkItem): boolean =>
    grant === "all" || (createdBy.kind === actor.kind && createdBy.id === actor.id);

/** Returns a bulk operation that the caller may read. Throws `not_found` otherwise. */
const readableBulk = async (
  deps: Dependencies,
  caller: Caller,
  { workspace, bulkId }: { readonly workspace: string; readonly bulkId: string },
): Promise<BulkItem> => {
  const bulk = existingBulk(deps, await deps.bulks.get(workspace, bulkId));
  if (mayReadBulk(caller)(bulk)) return bulk;
  throw bulkNotFound();
};
