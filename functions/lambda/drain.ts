import { createDependencies } from "../dependencies/dependencies.ts";
import { createDrainHandler } from "../tasks/drain.ts";

export const handler = createDrainHandler(createDependencies());
