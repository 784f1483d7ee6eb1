import { passGate } from "../../shared/domain/gates/pass-gate.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { taskHandler } from "../middleware/task.ts";

/** Creates the handler of gates, which runs before every step of a compiled flow and at its end. */
export const createGateHandler = (deps: TaskDependencies) =>
  taskHandler("gate", (event) => passGate(deps, event), deps);
