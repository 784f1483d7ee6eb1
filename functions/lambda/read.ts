import { createReadHandler } from "../api/handlers.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createReadHandler(createDependencies());
