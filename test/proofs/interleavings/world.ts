import type { JsonObject } from "../../../shared/model/json/json.ts";
import { chain } from "../../harness/definitions.ts";
import type { Answer } from "../../support/client.ts";
import type { Invocation, ProofStack } from "../harness/proof-stack.ts";
import { MARK } from "./calls.ts";
import type { Stage } from "./stage.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:step";

/** A Task of the user's one function, which learns the state and the execution and changes nothing. */
const step = (state: string): JsonObject => ({
  Type: "Task",
  Resource: ARN,
  Parameters: { state, "run.$": "$$.Execution.Name" },
  ResultPath: null,
});
const inRow = (...states: string[]): JsonObject =>
  chain(Object.fromEntries(states.map((state) => [state, step(state)])));

/** The flows that schedules are played on. */
export const DEFINITIONS = {
  plain: inRow("one", "two"),
  asking: chain({
    ask: {
      Type: "Task",
      Resource: "arn:sluice:::approval",
      Parameters: { Title: "Go on?" },
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

/** The one flow and run of a schedule, and the calls that are made about them. */
export class World {
  readonly proof: ProofStack;
  readonly stage: Stage;
  readonly flowId: string;
  runId = "";
  /** The step that waits for a person. */
  stepId = "";
  /** The last event that each function was given. */
  readonly events = new Map<string, JsonObject>();

  /** Lets time pass, in milliseconds, without anything that is due coming about. */
  readonly passes: (milliseconds: number) => void;

  constructor(proof: ProofStack, stage: Stage, passes: (milliseconds: number) => void) {
    flows += 1;
    this.proof = proof;
    this.stage = stage;
    this.passes = passes;
    this.flowId = `f${flows}`;
  }

  saw({ functionName, event }: Invocation): void {
    this.events.set(functionName, event as JsonObject);
  }

  /** Calls the API; `mark`: the operation that the call is part of. */
  call(method: string, path: string, body?: unknown, mark?: string): Promise<Answer> {
    return this.proof.admin.call(method, path, body, mark === undefined ? {} : { [MARK]: mark });
  }

  /** Delivers an event to a function, as a caller does that had no answer. */
  async deliver(functionName: string, event: JsonObject, mark: string): Promise<void> {
    await this.proof.invoke(functionName, { ...event, delivery: mark });
  }

  /** A call while nothing is scheduled, until all that follows from it stands still. */
  async settled(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    await this.stage.rest();
    return answer;
  }

  async publish(definition: JsonObject, more: JsonObject = {}): Promise<void> {
    await this.settled("PUT", `/flows/${this.flowId}`, { definition, runAs: "system", ...more });
  }
  async dispatch(): Promise<void> {
    const { body } = await this.settled("POST", `/flows/${this.flowId}/runs`, { payload: {} });
    this.runId = String(body["runId"]);
  }
  onRun(action: string, body?: JsonObject): Promise<Answer> {
    return this.settled("POST", `/runs/${this.runId}/${action}`, body);
  }
  onFlow(action: string, body?: JsonObject): Promise<Answer> {
    return this.settled("POST", `/flows/${this.flowId}/${action}`, body);
  }

  /** The user's function comes back for this state. */
  async finish(...states: string[]): Promise<void> {
    for (const one of this.stage.steps.standing()) {
      if (states.includes(one.state)) this.stage.steps.finish(one);
    }
    await this.stage.rest();
  }
}
