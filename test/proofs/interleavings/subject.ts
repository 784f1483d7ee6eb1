import { functions } from "../../../infra/functions.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { chain } from "../../harness/definitions.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import type { Invocation } from "../harness/observer.ts";
import { OPERATION_HEADER } from "./call-labels.ts";
import type { CallScheduler } from "./call-scheduler.ts";
import { TRIGGER } from "./promises/triggers.ts";
import { TeamSide } from "./team-side.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:step";

/** A Task that passes its state and its execution to the users' function and keeps its input. */
const step = (state: string): JsonObject => ({
  Type: "Task",
  Resource: ARN,
  Parameters: { state, "run.$": "$$.Execution.Name" },
  ResultPath: null,
});
const inRow = (...states: string[]): JsonObject =>
  chain(Object.fromEntries(states.map((state) => [state, step(state)])));

/** The flows of the schedules. */
export const DEFINITIONS = {
  plain: inRow("one", "two"),
  asking: chain({
    ask: {
      Type: "Task",
      Resource: "arn:sluice:::approval",
      Parameters: { Title: "Continue?" },
      ResultPath: null,
    },
    two: step("two"),
  }),
  fanned: chain({
    fan: {
      Type: "Parallel",
      Branches: [inRow("a1", "a2"), inRow("b1", "b2"), inRow("c1", "c2")],
      ResultPath: null,
    },
    two: step("two"),
  }),
} as const satisfies Record<string, JsonObject>;

let flows = 0;

/** The flow and the run that a schedule is played on. */
export class Subject {
  readonly environment: ProofEnvironment;
  readonly calls: CallScheduler;
  readonly flowId: string;
  readonly team: TeamSide;
  runId = "";
  /** The name of the run's execution, if it was started outside Sluice. */
  execution: string | undefined;
  /** The step that waits for a person. */
  stepId = "";
  /** The last invocation of each function. */
  readonly last = new Map<string, Invocation>();

  /** Moves the time forward, in milliseconds, without triggering anything that becomes due. */
  readonly skip: (milliseconds: number) => void;

  constructor(environment: ProofEnvironment, calls: CallScheduler, skip: (milliseconds: number) => void) {
    flows += 1;
    this.environment = environment;
    this.calls = calls;
    this.skip = skip;
    this.flowId = `f${flows}`;
    this.team = new TeamSide(environment.url, this.flowId);
  }

  saw(invocation: Invocation): void {
    this.last.set(invocation.functionName, invocation);
  }

  /** Calls the API, for the operation that `mark` names. */
  call(method: string, path: string, body?: unknown, mark?: string): Promise<Answer> {
    return this.environment.admin.call(
      method,
      path,
      body,
      mark === undefined ? {} : { [OPERATION_HEADER]: mark },
    );
  }

  /** Delivers an event to a function again, for the operation that `mark` names. */
  async deliver(functionName: string, event: JsonObject, mark: string): Promise<void> {
    await this.environment.invoke(functionName, { ...event, delivery: mark });
  }

  /** Calls the API while nothing is scheduled, and waits for the effects. */
  async settled(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    await this.calls.idle();
    return answer;
  }

  async publish(definition: JsonObject, more: JsonObject = {}): Promise<void> {
    await this.settled("PUT", `/flows/${this.flowId}`, { definition, runAs: "system", ...more });
  }
  async dispatch(): Promise<void> {
    const { body } = await this.settled("POST", `/flows/${this.flowId}/runs`, { payload: {} });
    this.runId = String(body["runId"]);
  }
  /** Delivers a time of the trigger's schedule while nothing is scheduled: its run is the subject's. */
  async fire(time: string): Promise<void> {
    const trigger = await this.environment.ledger.triggerEvent(this.flowId, TRIGGER);
    await this.environment.invoke(functions.intake.name, { trigger, time });
    await this.calls.idle();
    const { body } = await this.settled("GET", `/runs?flowId=${this.flowId}`);
    this.runId = (body["items"] as { runId: string }[])[0]?.runId ?? "";
  }
  async attach(): Promise<void> {
    await this.onFlow("attach", { stateMachineArn: this.team.arn });
  }
  /** Registers the flow, deploys its template and binds the machine. */
  async deploy(): Promise<void> {
    const definition = this.team.template(1);
    const { body } = await this.onFlow("register", { definition });
    this.team.registered(definition, body["values"] as Record<string, string>);
    await this.team.deploy();
    await this.onFlow("bind", { stateMachineArn: this.team.arn });
  }
  #executions = 0;
  /** Starts an execution of the team's machine, as an operation may, too. */
  startNatively(): Promise<string> {
    this.#executions += 1;
    return this.team.start(`${this.flowId}-x${this.#executions}`);
  }
  /** The same while nothing is scheduled: its run is the subject's. */
  async begin(): Promise<void> {
    this.runId = await this.startNatively();
    this.execution = `${this.flowId}-x${this.#executions}`;
    await this.calls.idle();
  }
  onRun(action: string, body?: JsonObject): Promise<Answer> {
    return this.settled("POST", `/runs/${this.runId}/${action}`, body);
  }
  onFlow(action: string, body?: JsonObject): Promise<Answer> {
    return this.settled("POST", `/flows/${this.flowId}/${action}`, body);
  }

  /** The id of the hold on the whole flow. */
  async wholeHold(): Promise<string | undefined> {
    const { body } = await this.settled("GET", `/flows/${this.flowId}`);
    const holds = body["holds"] as { readonly holdId: string; readonly steps?: unknown }[];
    return holds.find(({ steps }) => steps === undefined)?.holdId;
  }

  /** Ends the users' steps of these states. */
  async finish(...states: string[]): Promise<void> {
    for (const one of this.calls.steps.inProgress()) {
      if (states.includes(one.state)) this.calls.steps.finish(one);
    }
    await this.calls.idle();
  }
}
