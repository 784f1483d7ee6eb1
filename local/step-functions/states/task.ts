import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import { callOf } from "../../ports/services.ts";
import { type Integration, integrationOf, waitsForToken } from "../definition/task-resource.ts";
import { runtimeFailure } from "../interpreter/failure.ts";
import {
  argumentsOf,
  display,
  effectiveInput,
  finishWith,
  numberField,
  outputText,
} from "../interpreter/input-output.ts";
import type { StateDeps, StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import type { Frame, Outcome } from "../model/frame.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";
import { newToken } from "../store/tokens.ts";
import { type NestedExecution, nestedOutcome, startNested } from "./nested-execution.ts";
import { perform } from "./service-call.ts";

interface Attempt {
  readonly integration: Integration;
  readonly parameters: Json;
  /** The parameters as JSON text. */
  readonly text: string;
  readonly token: string | undefined;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
}

function integrationFor(visit: Visit): Integration {
  const resource = visit.state["Resource"];
  const integration = typeof resource === "string" ? integrationOf(resource) : undefined;
  if (integration) return integration;
  throw runtimeFailure(visit, `The resource '${display(resource ?? null)}' is not available locally.`);
}

function prepare(visit: Visit, known: string | undefined): MaybePromise<Attempt> {
  const integration = integrationFor(visit);
  const token = waitsForToken(integration) ? (known ?? newToken()) : undefined;
  const input = effectiveInput(visit);
  const scope = visit.scope({ input, ...(token === undefined ? {} : { token }) });
  return andThen(argumentsOf(visit, scope), (parameters) => {
    const text = outputText(visit, parameters);
    return andThen(numberField(visit, "TimeoutSeconds", scope), (timeout) =>
      andThen(numberField(visit, "HeartbeatSeconds", scope), (heartbeat) => {
        return { integration, parameters, text, token, timeout, heartbeat };
      }),
    );
  });
}

/** Functions called by their ARN, and activities, have history events with other names than service integrations. */
function names(integration: Integration) {
  if (integration.kind === "function") return { prefix: "LambdaFunction", about: {} };
  if (integration.kind === "activity") return { prefix: "Activity", about: {} };
  const { service, action, pattern } = integration;
  const resource = pattern === undefined ? action : `${action}.${pattern}`;
  return { prefix: "Task", about: { resource, resourceType: service } };
}

function recordStart(visit: Visit, deps: StateDeps, frame: Frame, attempt: Attempt): void {
  const { integration, text, timeout, heartbeat } = attempt;
  const { prefix, about } = names(integration);
  const credentials = visit.state["Credentials"];
  const role = isJsonObject(credentials) ? credentials["RoleArn"] : undefined;
  deps.history.record(frame, `${prefix}Scheduled`, {
    ...(integration.kind !== "service"
      ? { resource: integration.resource, input: text, inputDetails: { truncated: false } }
      : { ...about, region: deps.region, parameters: text }),
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
    ...(typeof role === "string" ? { taskCredentials: { roleArn: role } } : {}),
  });
  // An activity starts when a worker takes it.
  if (integration.kind !== "activity")
    deps.history.record(frame, `${prefix}Started`, integration.kind === "service" ? about : undefined);
}

/** Records the end of a Task's work, in the history and as the frame's outcome. */
function conclude(deps: StateDeps, frame: Frame, integration: Integration, outcome: Outcome): void {
  const { prefix, about } = names(integration);
  deps.taskOver(frame);
  if ("output" in outcome)
    deps.history.record(frame, `${prefix}Succeeded`, {
      ...about,
      output: JSON.stringify(outcome.output),
      outputDetails: { truncated: false },
    });
  else {
    const { error, cause } = outcome.failure;
    deps.history.record(frame, `${prefix}${error === "States.Timeout" ? "TimedOut" : "Failed"}`, {
      ...about,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
  deps.transitions.settle(frame, outcome);
}

function launch(visit: Visit, deps: StateDeps, frame: Frame, attempt: Attempt): void {
  const { integration, parameters, token } = attempt;
  const submit = (current: Frame, output: Json): void => {
    deps.history.record(current, "TaskSubmitted", {
      ...names(integration).about,
      output: JSON.stringify(output),
      outputDetails: { truncated: false },
    });
    awaitAnswer(current);
  };
  const awaitAnswer = (current: Frame): void => {
    current.control = { ...current.control, submitted: true };
    deps.frames.touch(current);
    if (token === undefined) return;
    const { arn: executionArn } = visit.execution;
    deps.taskWaiting({ token, executionArn, stateName: visit.frame.state, resource: integration.resource });
  };
  const mock = deps.mockOf(visit.execution.id);
  if (mock !== undefined) {
    deps.call(
      frame,
      async () => mock,
      (current, outcome) => conclude(deps, current, integration, outcome),
    );
    return;
  }
  const call = callOf(visit.execution.arn, frame.lastEvent);
  deps.call(
    frame,
    () => perform(integration, parameters, { ...deps, roleArn: visit.execution.role, call }),
    (current, called) => {
      if (called.kind === "submitted") submit(current, called.output);
      else if (called.kind === "over") {
        if (called.submitted !== undefined) submit(current, called.submitted);
        conclude(deps, current, integration, called.outcome);
      } else if (called.kind === "activity") {
        const { error, cause } = { error: "Sluice.NoStub", cause: called.cause };
        if (token === undefined || !deps.scheduleActivity(current, integration.resource, token, attempt.text))
          conclude(deps, current, integration, { failure: { error, cause } });
        else awaitAnswer(current);
      } else if (integration.kind === "service") {
        const started = startNested(deps, called.parameters);
        if ("failure" in started) conclude(deps, current, integration, started);
        else if (integration.pattern === undefined)
          conclude(deps, current, integration, { output: started.output });
        else {
          submit(current, started.output);
          if (integration.pattern !== "waitForTaskToken") deps.awaitExecution(current, started.executionArn);
        }
      }
    },
  );
}

/** The time at which a Task times out next. */
const nextLimit = (deadline: number | undefined, heartbeat: number | undefined): number | undefined =>
  deadline === undefined || heartbeat === undefined ? (deadline ?? heartbeat) : Math.min(deadline, heartbeat);

function begin(visit: Visit, deps: StateDeps, frame: Frame, attempt: Attempt): void {
  const { token, timeout, heartbeat } = attempt;
  recordStart(visit, deps, frame, attempt);
  const now = deps.clock.now();
  const deadline = timeout === undefined ? undefined : now + timeout * 1000;
  const beat = token === undefined || heartbeat === undefined ? undefined : heartbeat;
  frame.phase = "task";
  frame.control = {
    ...frame.control,
    ...(token === undefined ? {} : { token }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(beat === undefined ? {} : { heartbeatSeconds: beat }),
  };
  // An activity's heartbeats begin when a worker takes it.
  const beats = beat !== undefined && attempt.integration.kind !== "activity";
  frame.wakeAt = nextLimit(deadline, beats ? now + beat * 1000 : undefined);
  if (token !== undefined) deps.tokens.open(token, frame.execution, frame.id);
  deps.frames.save(frame);
  launch(visit, deps, frame, attempt);
}

export const task: StateModule = {
  run: (visit, deps) =>
    andThen(prepare(visit, undefined), (attempt) => (frame) => begin(visit, deps, frame, attempt)),

  resume: (visit, deps) =>
    andThen(
      prepare(visit, visit.frame.control.token),
      (attempt) => (frame) => launch(visit, deps, frame, attempt),
    ),

  settled: (visit, deps, output) => finishWith(visit, deps, output),
};

/** Ends a Task for SendTaskSuccess or SendTaskFailure. */
export const answerTask = (visit: Visit, deps: StateDeps, frame: Frame, outcome: Outcome): void =>
  conclude(deps, frame, integrationFor(visit), outcome);

/** Hands an activity's task to a worker. */
export function startActivity(deps: StateDeps, frame: Frame, workerName: string | undefined): void {
  deps.history.record(frame, "ActivityStarted", workerName === undefined ? {} : { workerName });
  beatTask(deps, frame);
}

/** Ends a Task whose nested execution has ended. */
export const answerNested = (
  visit: Visit,
  deps: StateDeps,
  frame: Frame,
  execution: NestedExecution,
): void => {
  const integration = integrationFor(visit);
  const parsed = integration.kind === "service" && integration.pattern === "sync:2";
  conclude(deps, frame, integration, nestedOutcome(execution, parsed));
};

/** Ends a Task after a timeout or a missed heartbeat. */
export function expireTask(visit: Visit, deps: StateDeps, frame: Frame): void {
  const { deadline } = frame.control;
  const heartbeat = deadline === undefined || (frame.wakeAt ?? 0) < deadline;
  const failure = { error: "States.Timeout", ...(heartbeat ? { heartbeat } : {}) };
  conclude(deps, frame, integrationFor(visit), { failure });
}

/** Extends a Task's heartbeat for SendTaskHeartbeat. */
export function beatTask(deps: StateDeps, frame: Frame): void {
  const { deadline, heartbeatSeconds } = frame.control;
  if (heartbeatSeconds === undefined) return;
  frame.wakeAt = nextLimit(deadline, deps.clock.now() + heartbeatSeconds * 1000);
  deps.frames.touch(frame);
}
