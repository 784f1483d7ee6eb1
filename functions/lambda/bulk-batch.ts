import { createDependencies } from "../dependencies/dependencies.ts";
import { createBulkBatchHandler } from "../tasks/bulk-batch.ts";

export const handler = createBulkBatchHandler(createDependencies());
