import { createDispatchHandler } from "../api/dispatch.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createDispatchHandler(createDependencies());
