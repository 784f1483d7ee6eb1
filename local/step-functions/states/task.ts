import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import { type Integration, integrationOf } from "../definition/task-resource.ts";
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
  const waits = integration.kind === "service" && integration.token;
  const token = waits ? (known ?? newToken()) : undefined;
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

/** The history events of a Lambda function's ARN have other names than those of a service integration. */
const names = (integration: Integration) =>
  integration.kind === "function"
    ? { prefix: "LambdaFunction", about: {} }
    : {
        prefix: "Task",
        about: { resource: integration.action, resourceType: integration.service },
      };

function recordStart(visit: Visit, deps: StateDeps, frame: Frame, attempt: Attempt): void {
  const { integration, text, timeout, heartbeat } = attempt;
  const { prefix, about } = names(integration);
  const credentials = visit.state["Credentials"];
  const role = isJsonObject(credentials) ? credentials["RoleArn"] : undefined;
  deps.history.record(frame, `${prefix}Scheduled`, {
    ...(integration.kind === "function"
      ? { resource: integration.resource, input: text, inputDetails: { truncated: false } }
      : { ...about, region: deps.region, parameters: text }),
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
    ...(typeof role === "string" ? { taskCredentials: { roleArn: role } } : {}),
  });
  deps.history.record(frame, `${prefix}Started`, integration.kind === "function" ? undefined : about);
}

/** Records the end of a Task's work, in the history and as the frame's outcome. */
function conclude(deps: StateDeps, frame: Frame, integration: Integration, outcome: Outcome): void {
  const { prefix, about } = names(integration);
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
  const keep = deps.recordMessage.bind(deps);
  deps.call(
    frame,
    () => perform(integration, parameters, deps.lambda, keep),
    (current, outcome) => {
      if (token === undefined || "failure" in outcome) {
        conclude(deps, current, integration, outcome);
        return;
      }
      deps.history.record(current, "TaskSubmitted", {
        ...names(integration).about,
        output: JSON.stringify(outcome.output),
        outputDetails: { truncated: false },
      });
      current.control = { ...current.control, submitted: true };
      deps.frames.touch(current);
      deps.taskWaiting({
        token,
        executionArn: visit.execution.arn,
        stateName: visit.frame.state,
        resource: integration.resource,
      });
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
  frame.wakeAt = nextLimit(deadline, beat === undefined ? undefined : now + beat * 1000);
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
