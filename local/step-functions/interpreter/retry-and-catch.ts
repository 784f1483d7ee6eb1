import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { Failure, Frame } from "../model/frame.ts";
import { andThen, type MaybePromise, withRecovery } from "../model/maybe-promise.ts";
import { Failed } from "./failure.ts";
import { jsonataOutput, leave, nextOf, placeAt, QUERY_ERROR } from "./input-output.ts";
import type { Effect, StateDeps } from "./state-module.ts";
import type { Visit } from "./visit.ts";

const rules = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/**
 * Whether a Retry's or Catch's `ErrorEquals` matches a failure. Nothing matches `States.Runtime`, not even its own name.
 * `States.ALL` matches `States.DataLimitExceeded`, contrary to the developer guide: recordings of the service show it.
 */
export function matchesError(rule: JsonObject, failure: Failure): boolean {
  const { error } = failure;
  if (error === "States.Runtime") return false;
  const names = rule["ErrorEquals"];
  if (!Array.isArray(names)) return false;
  return names.some(
    (name) =>
      name === "States.ALL" ||
      (name === "States.TaskFailed" && error !== "States.Timeout") ||
      (name === "States.HeartbeatTimeout" && failure.heartbeat === true) ||
      (error !== undefined && name === error),
  );
}

const numeric = (rule: JsonObject, field: string, otherwise: number): number => {
  const value = rule[field];
  return typeof value === "number" ? value : otherwise;
};

/** Returns the milliseconds before a retry. `attempts`: the retrier's earlier retries. */
export function retryDelay(retrier: JsonObject, attempts: number, random: () => number): number {
  const seconds = Math.min(
    numeric(retrier, "IntervalSeconds", 1) * numeric(retrier, "BackoffRate", 2) ** attempts,
    numeric(retrier, "MaxDelaySeconds", Number.POSITIVE_INFINITY),
  );
  // The service accepts any backoff. A year is long enough to represent never.
  const capped = Math.min(seconds, 31_536_000) * 1000;
  return Math.round(retrier["JitterStrategy"] === "FULL" ? capped * random() : capped);
}

/** Applies Retry and Catch to a failure; if neither matches, the thread ends. */
export function handleFailure(visit: Visit, deps: StateDeps, failure: Failure): MaybePromise<Effect> {
  const handling = (): MaybePromise<Effect> =>
    andThen(handled(visit, deps, failure), (effect) => withEvaluationEvent(visit, deps, failure, effect));
  return withRecovery(handling, (error) => {
    // The Catch's own Output, Assign or ResultPath failed, which nothing can catch.
    if (!(error instanceof Failed)) throw error;
    return withEvaluationEvent(visit, deps, error.failure, (frame) =>
      deps.transitions.fail(frame, error.failure),
    );
  });
}

/**
 * Adds the history event of a failed JSONata evaluation. As recorded from the service: it follows the event before the state's entry,
 * unless the expression was evaluated and only its value cannot be used.
 */
function withEvaluationEvent(visit: Visit, deps: StateDeps, failure: Failure, effect: Effect): Effect {
  if (!isFailedEvaluation(visit, failure)) return effect;
  const { error, cause, location, evaluated } = failure;
  return (frame) => {
    const { execution, lastEvent, enteredEvent, silent } = frame;
    const previous =
      evaluated === true || silent || lastEvent !== enteredEvent
        ? lastEvent
        : deps.history.previousOf(execution, enteredEvent);
    const details = { error, cause, ...(location === undefined ? {} : { location }), state: frame.state };
    deps.history.record(frame, "EvaluationFailed", details, previous);
    effect(frame);
  };
}

const isFailedEvaluation = (visit: Visit, failure: Failure): boolean =>
  visit.jsonata && failure.evaluation === true && failure.error === QUERY_ERROR;

/** Errors that end a distributed Map's run. */
const OF_MAP_RUN: ReadonlySet<string> = new Set(["States.ItemReaderFailed", "States.ResultWriterFailed"]);

/**
 * Records the failure of a Parallel or Map that is not retried: that of a thread, or of an evaluation. As recorded from the service:
 * there is no such event for a Map whose limits are invalid in JSONPath.
 */
function recordStateFailed(visit: Visit, deps: StateDeps, failure: Failure, frame: Frame): void {
  const type = visit.state["Type"];
  const ofThread = visit.frame.phase === "settled" || OF_MAP_RUN.has(failure.error ?? "");
  if (
    (type === "Map" && (ofThread || isFailedEvaluation(visit, failure))) ||
    (type === "Parallel" && ofThread)
  )
    deps.history.record(frame, `${type}StateFailed`);
}

function handled(visit: Visit, deps: StateDeps, failure: Failure): MaybePromise<Effect> {
  const { control } = visit.frame;
  const retriers = rules(visit.state["Retry"]);
  const index = retriers.findIndex((retrier) => matchesError(retrier, failure));
  const retrier = retriers[index];
  const used = control.retriers[index] ?? 0;
  if (retrier && used < numeric(retrier, "MaxAttempts", 3)) {
    const counters = retriers.map((_, at) => (control.retriers[at] ?? 0) + (at === index ? 1 : 0));
    const delay = retryDelay(retrier, used, Math.random);
    return (frame) => {
      deps.frames.deleteTree(frame.id);
      const { token: _, submitted: __, deadline: ___, awaits: ____, ...kept } = frame.control;
      frame.control = { ...kept, retryCount: control.retryCount + 1, retriers: counters };
      frame.total = 0;
      frame.outcome = undefined;
      frame.phase = "retry";
      frame.wakeAt = deps.clock.now() + delay;
      deps.frames.save(frame);
    };
  }
  const catcher = rules(visit.state["Catch"]).find((rule) => matchesError(rule, failure));
  if (!catcher)
    return (frame) => {
      recordStateFailed(visit, deps, failure, frame);
      deps.transitions.fail(frame, failure);
    };
  // As recorded from the service: an error without a cause has an empty one; without an error, both are null.
  const { error = null, cause = error === null ? null : "" } = failure;
  const errorOutput: JsonObject = { Error: error, Cause: cause };
  const scope = visit.jsonata ? visit.scope({ errorOutput }) : visit.scope({ input: errorOutput });
  const output = () =>
    visit.jsonata
      ? jsonataOutput(visit, catcher["Output"], scope, errorOutput)
      : placeAt(visit, catcher["ResultPath"], errorOutput);
  const leaving = leave(visit, deps, { rule: catcher, next: nextOf(catcher), scope, output });
  return andThen(leaving, (exit) => (frame) => {
    recordStateFailed(visit, deps, failure, frame);
    deps.frames.deleteTree(frame.id);
    exit(frame);
  });
}
