import { bulkSchema } from "../schemas/bulk.ts";
import { startBulkSchema } from "./bulk-requests.ts";
import { operations, pages, reading, tagged } from "./operation.ts";
import { bulkPreviewSchema, bulkResultsPageSchema, bulksPageSchema } from "./responses.ts";

const bulk = tagged("Bulk operations");

export const bulkOperations = operations({
  /** The action `delete` also requires the permission `delete`, which the handler checks. */
  startBulkOperation: {
    summary: "Apply one action to many runs",
    ...bulk("control-runs"),
    body: startBulkSchema,
    requestHeader: "Idempotency-Key",
    answers: {
      200: { description: "For a dry run: how many runs match", schema: bulkPreviewSchema },
      202: { description: "The operation has started", schema: bulkSchema, headers: ["Location"] },
    },
    errors: ["idempotency_key_reused"],
  },
  listBulkOperations: pages(
    bulk("read-runs"),
    "List bulk operations",
    "Operations, newest first",
    bulksPageSchema,
  ),
  getBulkOperation: reading(
    bulk("read-runs"),
    "Read a bulk operation and its progress",
    "The operation",
    bulkSchema,
  ),
  listBulkResults: pages(
    bulk("read-runs"),
    "List the result of each run",
    "Results, in the order in which runs were processed",
    bulkResultsPageSchema,
  ),
  stopBulkOperation: {
    summary: "Stop a bulk operation",
    ...bulk("control-runs"),
    emptyBody: true,
    answers: { 200: { description: "The operation", schema: bulkSchema } },
    errors: ["action_not_allowed"],
  },
});
