import { createAdminHandler } from "../api/handlers.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createAdminHandler(createDependencies());
