import { bulkSchema } from "../schemas/bulk.ts";
import { startBulkSchema } from "./bulk-requests.ts";
import { operations, pages, reading } from "./operation.ts";
import { bulkPreviewSchema, bulkResultsPageSchema, bulksPageSchema } from "./responses.ts";

const controls = { tag: "Bulk operations", permission: "control-runs" } as const;
const reads = { tag: "Bulk operations", permission: "read-runs" } as const;

export const bulkOperations = operations({
  /** The action `delete` also requires the permission `delete`, which the handler checks. */
  startBulkOperation: {
    summary: "Apply one action to many runs",
    ...controls,
    body: startBulkSchema,
    requestHeader: "Idempotency-Key",
    answers: {
      200: { description: "For a dry run: how many runs match", schema: bulkPreviewSchema },
      202: { description: "The operation has started", schema: bulkSchema, headers: ["Location"] },
    },
    errors: ["idempotency_key_reused"],
  },
  listBulkOperations: pages(reads, "List bulk operations", "Operations, newest first", bulksPageSchema),
  getBulkOperation: reading(reads, "Read a bulk operation and its progress", "The operation", bulkSchema),
  listBulkResults: pages(
    reads,
    "List the result of each run",
    "Results, in the order in which runs were processed",
    bulkResultsPageSchema,
  ),
  stopBulkOperation: {
    summary: "Stop a bulk operation",
    ...controls,
    emptyBody: true,
    answers: { 200: { description: "The operation", schema: bulkSchema } },
    errors: ["action_not_allowed"],
  },
});
