import { askPerson } from "../../shared/domain/people/human-step.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { taskHandler } from "../middleware/task.ts";

/** Creates the handler of approvals and forms, whose task tokens wait for a person's answer. */
export const createHumanStepHandler = (deps: TaskDependencies) =>
  taskHandler("human", (event) => askPerson(deps, event), deps);
