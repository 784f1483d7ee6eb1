import { createTaskDependencies } from "../dependencies/task-dependencies.ts";
import { createContinueAsNewHandler } from "../tasks/continue-as-new.ts";

export const handler = createContinueAsNewHandler(createTaskDependencies());
