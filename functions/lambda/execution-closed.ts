import { createDependencies } from "../dependencies/dependencies.ts";
import { createExecutionClosedHandler } from "../events/execution-closed.ts";

export const handler = createExecutionClosedHandler(createDependencies());
