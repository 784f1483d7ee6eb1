import { createHoldsHandler } from "../api/holds.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createHoldsHandler(createDependencies());
