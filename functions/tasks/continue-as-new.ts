import { continueAsNew } from "../../shared/domain/gates/continue-as-new.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { taskHandler } from "../middleware/task.ts";

/** Creates the handler of both ends of a continue-as-new: the execution that is left, and the fresh one. */
export const createContinueAsNewHandler = (deps: TaskDependencies) =>
  taskHandler("handOver", (event) => continueAsNew(deps, event), deps);
