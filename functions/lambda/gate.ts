import { createTaskDependencies } from "../dependencies/task-dependencies.ts";
import { createGateHandler } from "../tasks/gate.ts";

export const handler = createGateHandler(createTaskDependencies());
