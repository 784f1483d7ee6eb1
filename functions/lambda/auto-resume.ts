import { createDependencies } from "../dependencies/dependencies.ts";
import { createAutoResumeHandler } from "../schedules/hold-end.ts";

export const handler = createAutoResumeHandler(createDependencies());
