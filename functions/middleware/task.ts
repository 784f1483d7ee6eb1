import middy from "@middy/core";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { type TaskDependencies, taskDependencies } from "../task-dependencies.ts";
import { observed } from "../telemetry/invocation.ts";
import { parsedEvent } from "./parsed-event.ts";
import { taskLog } from "./task-log.ts";
import { taskEvent } from "./task-schema.ts";

type EventOf<Op extends TaskEvent["op"]> = Extract<TaskEvent, { op: Op }>;
type TaskHandler = (event: unknown) => Promise<unknown>;

/** Step Functions' own time-out ends a call that hangs; a timer for each gate would only cost. */
const NO_EARLY_TIMEOUT = { timeoutEarlyInMillis: 0 };

/**
 * A Lambda handler for one kind of event of compiled flows: the log outside, the event's check inside. No middleware makes a
 * response of an error, so what the work throws is what Step Functions sees, by its name.
 */
export const taskHandler = <Op extends TaskEvent["op"]>(
  op: Op,
  work: (deps: TaskDependencies, event: EventOf<Op>) => Promise<unknown>,
): TaskHandler => {
  const chain = middy<TaskEvent, unknown>(NO_EARLY_TIMEOUT)
    .use(taskLog(op))
    .use(parsedEvent(taskEvent))
    .handler(async (event: TaskEvent) => {
      if (event.op !== op) throw new Error(`This function takes events "${op}", not "${event.op}"`);
      const answer = await work(taskDependencies(), event as EventOf<Op>);
      return answer === undefined ? {} : answer;
    });
  return observed(chain as unknown as TaskHandler) as TaskHandler;
};
