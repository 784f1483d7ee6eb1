import type { MiddlewareObj } from "@middy/core";
import type { Log } from "../../shared/domain/deps.ts";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import {
  executionOfChild,
  parseExecutionArn,
  parseExecutionName,
} from "../../shared/model/machines/machine-names.ts";
import { type CompactOrigin, stateInName, type TaskEvent } from "../../shared/model/machines/task-events.ts";
import { addLogFields, metrics, millisecondsSoFar } from "../telemetry/invocation.ts";

/** An event of either version, not checked yet. */
interface LoggedEvent {
  readonly workspace?: string;
  readonly flowId?: string;
  readonly execution?: string;
  readonly at?: Partial<CompactOrigin>;
  readonly child?: { readonly run?: string };
  readonly flow?: string;
  readonly state?: string;
  readonly path?: string;
}

/** Returns the fields of every log line of the call: ids only, never inputs or tokens. */
const eventFields = (event: LoggedEvent | null | undefined, instance: string) => {
  const [arn, state] = Array.isArray(event?.at) ? event.at : [];
  const origin = parseExecutionArn(executionOfChild(String(arn), String(event?.child?.run)), instance);
  const name = textIn(state?.Name);
  return {
    workspace: origin?.workspace ?? textIn(event?.workspace),
    flow: textIn(event?.flow) ?? textIn(event?.flowId),
    run: parseExecutionName(origin?.execution ?? String(event?.execution))?.runId,
    state: textIn(event?.state) ?? (name === undefined ? undefined : (stateInName(name) ?? name)),
    path: textIn(event?.path) || undefined,
  };
};

/** Returns the value if it is a string. Anything else is not an id. */
const textIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/**
 * Whether the error is an answer to the flow: a refusal, or invalid parameters in the user's state. Every other error is a
 * failure of Sluice.
 */
const isAnswer = (error: unknown): error is Error =>
  error instanceof TaskError || (error instanceof Error && error.name.startsWith("States."));

/** Writes one log line per call: the state, the outcome and the duration in milliseconds. The flow retries failed calls. */
export const taskLog = (
  op: TaskEvent["op"],
  log: Log,
  instance: string,
): MiddlewareObj<TaskEvent, unknown> => ({
  before: ({ event }) => addLogFields(eventFields(event as LoggedEvent, instance)),
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
