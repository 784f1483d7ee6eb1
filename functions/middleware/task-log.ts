import type { MiddlewareObj } from "@middy/core";
import type { Log } from "../../shared/domain/deps.ts";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import { parseExecutionName } from "../../shared/model/machines/machine-names.ts";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { addLogFields, metrics, millisecondsSoFar } from "../telemetry/invocation.ts";

/** Returns the fields of every log line of the call: ids only, never inputs or tokens. The event is not checked yet. */
const eventFields = (event: (Partial<TaskEvent> & { state?: string; path?: string }) | null | undefined) => ({
  workspace: event?.workspace,
  flow: event?.flowId,
  run: parseExecutionName(String(event?.execution))?.runId,
  state: event?.state,
  path: event?.path || undefined,
});

/**
 * Whether the error is an answer to the flow: a refusal, or invalid parameters in the user's state. Every other error is a
 * failure of Sluice.
 */
const isAnswer = (error: unknown): error is Error =>
  error instanceof TaskError || (error instanceof Error && error.name.startsWith("States."));

/** Writes one log line per call: the state, the outcome and the duration in milliseconds. The flow retries failed calls. */
export const taskLog = (op: TaskEvent["op"], log: Log): MiddlewareObj<TaskEvent, unknown> => ({
  before: ({ event }) => addLogFields(eventFields(event)),
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
