import { parkGate } from "../../shared/domain/gates/park-gate.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { taskHandler } from "../middleware/task.ts";

/** Creates the handler of parks: a gate that was refused waits on a task token until its hold is lifted. */
export const createParkHandler = (deps: TaskDependencies) =>
  taskHandler("park", (event) => parkGate(deps, event), deps);
