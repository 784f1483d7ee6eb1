import type { MiddlewareObj } from "@middy/core";
import { TaskError } from "../../shared/domain/task-error.ts";
import { parseExecutionName } from "../../shared/model/machine-names.ts";
import type { TaskEvent } from "../../shared/model/task-events.ts";
import { dependencies } from "../dependencies.ts";

/** What a line says of a call: names only, never inputs or tokens. The event may be none of ours. */
const subject = (event: Partial<TaskEvent> | undefined) => ({
  workspace: event?.workspace,
  flow: event?.flowId,
  run: parseExecutionName(String(event?.execution))?.runId,
  state: typeof event === "object" && event !== null && "state" in event ? event.state : undefined,
});

/** One line a call. A TaskError is an answer; everything else is Sluice's own failure, which the flow retries. */
export const taskLog = (op: TaskEvent["op"]): MiddlewareObj<TaskEvent, unknown> => ({
  after: ({ event }) => dependencies().log.info(`${op} passed`, subject(event)),
  onError: ({ event, error }) => {
    const { log } = dependencies();
    if (error instanceof TaskError) log.info(`${op} refused`, { ...subject(event), reason: error.name });
    else log.error(`${op} failed`, { ...subject(event), error: error as Error });
  },
});
