import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { MachinePlace } from "../../shared/model/machines/machine-names.ts";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { addLogFields, observed } from "../telemetry/invocation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { parsedEvent } from "./parsed-event.ts";
import { taskLog } from "./task-log.ts";
import { taskEvent } from "./task-schema.ts";

type EventOf<Op extends TaskEvent["op"]> = Extract<TaskEvent, { op: Op }>;
type TaskHandlerDependencies = Telemetry & { readonly machinePlace: Pick<MachinePlace, "instance"> };
type TaskHandler = (event: unknown, ...call: unknown[]) => Promise<unknown>;

/** The machines of attached flows call through the alias of their workspace, which only their roles may invoke. */
const WORKSPACE_ALIAS = /:function:[^:]+:ws-([a-z0-9][a-z0-9-]{0,39})$/;

/** Returns the workspace whose alias was called, if one was. */
export const aliasWorkspace = (context: Context | undefined): string | undefined =>
  WORKSPACE_ALIAS.exec(context?.invokedFunctionArn ?? "")?.[1];

/** Step Functions' own timeout ends a call that hangs, so a timer per gate would only add cost. */
const NO_EARLY_TIMEOUT = { timeoutEarlyInMillis: 0 };

/**
 * Creates a Lambda handler for one kind of event from compiled flows. The log is the outermost middleware, the validation of
 * the event the innermost. No middleware turns an error into a response: Step Functions sees the error that `work` throws, by
 * name.
 */
export const taskHandler = <Op extends TaskEvent["op"]>(
  op: Op,
  work: (event: EventOf<Op>) => Promise<unknown>,
  { log, publishMetrics, machinePlace: { instance } }: TaskHandlerDependencies,
): TaskHandler => {
  const chain = middy<TaskEvent, unknown>(NO_EARLY_TIMEOUT)
    .use(taskLog(op, log, instance))
    .use(
      parsedEvent((event, context) => taskEvent(op, event, { workspace: aliasWorkspace(context), instance })),
    )
    .handler(async (event: TaskEvent) => {
      if (event.attached !== undefined) addLogFields({ workspace: event.workspace });
      if (event.op !== op) throw new Error(`This function handles events "${op}", not "${event.op}"`);
      const answer = await work(event as EventOf<Op>);
      return answer === undefined ? {} : answer;
    });
  return observed(chain as unknown as TaskHandler, publishMetrics) as TaskHandler;
};
