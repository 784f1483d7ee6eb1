import { answerGate } from "../../shared/domain/gates/answer-gate.ts";
import { continueAsNew } from "../../shared/domain/gates/continue-as-new.ts";
import { parkGate } from "../../shared/domain/gates/park-gate.ts";
import { takeUpAttached } from "../../shared/domain/gates/take-up.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { taskHandler } from "../middleware/task.ts";

/**
 * Creates the handler of gates, which runs before every step of a compiled flow and at its end. The machine of an attached flow also asks it
 * where a run continues, because its role may call no other function.
 */
export const createGateHandler = (deps: Ending<TaskDependencies>) => {
  const gate = taskHandler("gate", (event) => answerGate(deps, event), deps);
  const arrival = taskHandler("handOver", (event) => takeUpAttached(deps, event), deps);
  return (event: unknown, ...call: unknown[]) => (isArrival(event) ? arrival : gate)(event, ...call);
};

const isArrival = (event: unknown): boolean => typeof event === "object" && event !== null && "part" in event;

/** Creates the handler of parks: after a refusal, a gate waits on a task token until its hold is lifted. */
export const createParkHandler = (deps: TaskDependencies) =>
  taskHandler("park", (event) => parkGate(deps, event), deps);

/** Creates the handler for both ends of a continue-as-new: the old execution and the new one. */
export const createContinueAsNewHandler = (deps: Ending<TaskDependencies>) =>
  taskHandler("handOver", (event) => continueAsNew(deps, event), deps);
