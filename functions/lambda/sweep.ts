import { createDependencies } from "../dependencies/dependencies.ts";
import { createSweepHandler } from "../schedules/sweep.ts";

export const handler = createSweepHandler(createDependencies());
