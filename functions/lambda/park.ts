import { createTaskDependencies } from "../dependencies/task-dependencies.ts";
import { createParkHandler } from "../tasks/park.ts";

export const handler = createParkHandler(createTaskDependencies());
