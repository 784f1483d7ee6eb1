import { createBulkHandler } from "../api/bulk.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createBulkHandler(createDependencies());
