import { bulkView } from "../../shared/domain/bulk/read-bulk.ts";
import { previewBulk, startBulk } from "../../shared/domain/bulk/start-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { endpoint } from "../middleware/http.ts";

export const startBulkEndpoint = endpoint(
  bulkOperations.startBulk,
  async ({ params, body, idempotencyKey }, caller, deps) => {
    if (body.action === "delete" && caller.grantOf("delete") !== "all") {
      throw new SluiceError("forbidden", "You may not delete runs");
    }
    const { workspace } = params;
    if (body.dryRun === true) {
      const { matched, more } = await previewBulk(deps, { workspace, asked: body });
      return { status: 200, body: { matched, ...(more ? { more } : {}) } };
    }
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
  },
);
