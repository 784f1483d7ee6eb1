import type { MiddlewareObj } from "@middy/core";
import type { Log } from "../../shared/domain/deps.ts";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import { parseExecutionName } from "../../shared/model/machines/machine-names.ts";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { addLogFields, metrics, millisecondsSoFar } from "../telemetry/invocation.ts";

/** What each line of the call says: names only, never inputs or tokens. The event may be none of ours. */
const subject = (event: (Partial<TaskEvent> & { state?: string; path?: string }) | null | undefined) => ({
  workspace: event?.workspace,
  flow: event?.flowId,
  run: parseExecutionName(String(event?.execution))?.runId,
  state: event?.state,
  path: event?.path || undefined,
});

/** An answer to the flow: a refusal, or that the user's own parameters are wrong. Everything else is Sluice's own failure. */
const isAnswer = (error: unknown): error is Error =>
  error instanceof TaskError || (error instanceof Error && error.name.startsWith("States."));

/** One line a call: the state and what became of it, and after how many milliseconds. What fails by itself the flow asks again. */
export const taskLog = (op: TaskEvent["op"], log: Log): MiddlewareObj<TaskEvent, unknown> => ({
  before: ({ event }) => addLogFields(subject(event)),
  after: () => log.info(`${op} passed`, { outcome: "passed", duration: millisecondsSoFar() }),
  onError: (request) => {
    const error: unknown = request.error;
    const duration = millisecondsSoFar();
    if (isAnswer(error)) {
      if (op === "gate") metrics.count("gatesRefused");
      log.info(`${op} refused`, { outcome: error.name, duration });
    } else {
      metrics.count(op === "gate" ? "gateFailures" : "taskFailures");
      log.error(`${op} failed`, {
        outcome: "failed",
        duration,
        error: error instanceof Error ? error : undefined,
      });
    }
  },
});
