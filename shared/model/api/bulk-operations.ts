import { bulkSchema } from "../schemas/bulk.ts";
import { pageQuerySchema } from "../schemas/fields.ts";
import { startBulkSchema } from "./bulk-requests.ts";
import { operation } from "./operation.ts";
import { bulkPreviewSchema, bulkResultsPageSchema, bulksPageSchema } from "./responses.ts";

const tag = "Bulk operations";

export const bulkOperations = {
  /** `delete` asks for the permission `delete` too, which only the body tells. */
  startBulk: operation("startBulkOperation", {
    summary: "Do one action to many runs",
    tag,
    permission: "control-runs",
    body: startBulkSchema,
    heeds: "Idempotency-Key",
    answers: {
      200: { description: "Of a dry run: how many runs match", schema: bulkPreviewSchema },
      202: { description: "The operation has begun", schema: bulkSchema, headers: ["Location"] },
    },
    errors: ["idempotency_key_reused"],
  }),
  listBulks: operation("listBulkOperations", {
    summary: "List bulk operations",
    tag,
    permission: "read-runs",
    query: pageQuerySchema,
    answers: { 200: { description: "Operations, newest first", schema: bulksPageSchema } },
    errors: [],
  }),
  getBulk: operation("getBulkOperation", {
    summary: "Read a bulk operation and its progress",
    tag,
    permission: "read-runs",
    answers: { 200: { description: "The operation", schema: bulkSchema } },
    errors: [],
  }),
  listBulkResults: operation("listBulkResults", {
    summary: "What became of each run",
    tag,
    permission: "read-runs",
    query: pageQuerySchema,
    answers: { 200: { description: "Results, in the order of work", schema: bulkResultsPageSchema } },
    errors: [],
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
