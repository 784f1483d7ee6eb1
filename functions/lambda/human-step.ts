import { createTaskDependencies } from "../dependencies/task-dependencies.ts";
import { createHumanStepHandler } from "../tasks/human-step.ts";

export const handler = createHumanStepHandler(createTaskDependencies());
