import { bulkSchema } from "../schemas/bulk.ts";
import { startBulkSchema } from "./bulk-requests.ts";
import { operation, pages } from "./operation.ts";
import { bulkPreviewSchema, bulkResultsPageSchema, bulksPageSchema } from "./responses.ts";

const tag = "Bulk operations";

export const bulkOperations = {
  /** With the action `delete` it also requires the permission `delete`, which the handler checks. */
  startBulk: operation("startBulkOperation", {
    summary: "Apply one action to many runs",
    tag,
    permission: "control-runs",
    body: startBulkSchema,
    requestHeader: "Idempotency-Key",
    answers: {
      200: { description: "For a dry run: how many runs match", schema: bulkPreviewSchema },
      202: { description: "The operation has started", schema: bulkSchema, headers: ["Location"] },
    },
    errors: ["idempotency_key_reused"],
  }),
  listBulks: operation("listBulkOperations", {
    summary: "List bulk operations",
    tag,
    permission: "read-runs",
    ...pages("Operations, newest first", bulksPageSchema),
  }),
  getBulk: operation("getBulkOperation", {
    summary: "Read a bulk operation and its progress",
    tag,
    permission: "read-runs",
    answers: { 200: { description: "The operation", schema: bulkSchema } },
  }),
  listBulkResults: operation("listBulkResults", {
    summary: "List the result of each run",
    tag,
    permission: "read-runs",
    ...pages("Results, in the order in which runs were processed", bulkResultsPageSchema),
  }),
  stopBulk: operation("stopBulkOperation", {
    summary: "Stop a bulk operation",
    tag,
    permission: "control-runs",
    emptyBody: true,
    answers: { 200: { description: "The operation", schema: bulkSchema } },
    errors: ["action_not_allowed"],
  }),
} as const;
