import { createAdminHandler } from "../api/admin.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createAdminHandler(createDependencies());
