import { TaskError } from "../../shared/domain/task-error.ts";
import { parseExecutionName } from "../../shared/model/machine-names.ts";
import type { TaskEvent } from "../../shared/model/task-events.ts";
import { type Dependencies, dependencies } from "../dependencies.ts";
import { taskEventSchema } from "./task-schema.ts";

type EventOf<Op extends TaskEvent["op"]> = Extract<TaskEvent, { op: Op }>;

/**
 * A Lambda handler for one kind of event of compiled flows. What it throws is what Step Functions sees: a TaskError is an answer,
 * everything else is Sluice's own failure, logged here and retried by the flow.
 */
export const taskHandler =
  <Op extends TaskEvent["op"]>(op: Op, work: (deps: Dependencies, event: EventOf<Op>) => Promise<void>) =>
  async (input: unknown): Promise<Record<string, never>> => {
    const deps = dependencies();
    const event = taskEventSchema.parse(input);
    if (event.op !== op) throw new Error(`This function takes events "${op}", not "${event.op}"`);
    const fields = {
      workspace: event.workspace,
      flow: event.flowId,
      run: parseExecutionName(event.execution)?.runId,
      state: event.state,
    };
    try {
      await work(deps, event as EventOf<Op>);
      deps.log.info(`${op} passed`, fields);
      return {};
    } catch (error) {
      if (error instanceof TaskError) deps.log.info(`${op} refused`, { ...fields, reason: error.name });
      else deps.log.error(`${op} failed`, { ...fields, error: error as Error });
      throw error;
    }
  };
