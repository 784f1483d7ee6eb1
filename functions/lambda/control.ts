import { createControlHandler } from "../api/handlers.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createControlHandler(createDependencies());
