import { taskEvent } from "../../../functions/middleware/task-schema.ts";
import { ActivityCounter } from "../../../local/clock/activity.ts";
import { StackClock } from "../../../local/clock/clock.ts";
import type { LambdaInvoker, LambdaResponse } from "../../../local/ports/services.ts";
import { createStepFunctions } from "../../../local/step-functions/index.ts";
import { compileFlow } from "../../../shared/asl/compile.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { machineName } from "../../../shared/model/machines/machine-names.ts";
import type {
  GateEvent,
  HumanStepEvent,
  ParkEvent,
  TaskEvent,
} from "../../../shared/model/machines/task-events.ts";

const ACCOUNT = "123456789012";
export const lambdaArn = (name: string): string => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;

/** Sluice's functions, by name, with what they do. */
const OWN: Readonly<Record<string, TaskEvent["op"]>> = {
  "sluice-gate": "gate",
  "sluice-park": "park",
  "sluice-human-step": "human",
  "sluice-hand-over": "handOver",
};

const COMPILER_SETTINGS = {
  functions: {
    gate: lambdaArn("sluice-gate"),
    park: lambdaArn("sluice-park"),
    humanStep: lambdaArn("sluice-human-step"),
    continueAsNew: lambdaArn("sluice-hand-over"),
  },
  policy: { allow: ["*"] },
} as const;

/** An error that a function throws: its name is what ErrorEquals sees. */
export class Thrown extends Error {
  constructor(name: string, message = "") {
    super(message);
    this.name = name;
  }
}

export type UserFunction = (event: Json) => Json | Promise<Json>;

/** The gate function's answer to an event: undefined lets it pass, a name is thrown as an error. */
export type Decision = (event: GateEvent) => string | undefined;

export interface Outcome {
  readonly status: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

interface HistoryEvent {
  readonly stateEnteredEventDetails?: { readonly name: string };
}

/** The local Step Functions with a gate, a park and a human-step function that the test controls. */
export class Rig {
  readonly gates: GateEvent[] = [];
  readonly parks: ParkEvent[] = [];
  readonly questions: HumanStepEvent[] = [];
  readonly calls: string[] = [];
  decide: Decision = () => undefined;
  readonly #functions: Readonly<Record<string, UserFunction>>;
  readonly #activity = new ActivityCounter();
  readonly #clock: StackClock;
  readonly #stepFunctions: ReturnType<typeof createStepFunctions>;
  #machines = 0;

  constructor(functions: Readonly<Record<string, UserFunction>> = {}) {
    this.#functions = functions;
    this.#clock = new StackClock(this.#activity, { load: () => 0, save: () => undefined }, (line) => {
      throw new Error(line);
    });
    const lambda: LambdaInvoker = {
      invoke: ({ functionName, payload }) => this.#invoke(functionName, payload),
    };
    this.#stepFunctions = createStepFunctions({
      database: ":memory:",
      clock: this.#clock,
      activity: this.#activity,
      lambda,
      bus: { publish: async () => undefined },
      meter: { stateTransition: () => undefined },
      account: ACCOUNT,
    });
  }

  async #invoke(functionName: string, payload: string): Promise<LambdaResponse> {
    const name = functionName.split(":").at(-1) ?? "";
    const event: Json = JSON.parse(payload);
    try {
      const result = await this.#perform(name, event);
      return { ok: true, payload: JSON.stringify(result), executedVersion: "$LATEST" };
    } catch (error) {
      const { name: errorType, message } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, errorType, payload: JSON.stringify({ errorType, errorMessage: message }) };
    }
  }

  #perform(name: string, event: Json): Json | Promise<Json> {
    const op = OWN[name];
    if (op !== undefined) return this.#own(op, event);
    this.calls.push(name);
    const perform = this.#functions[name];
    if (perform === undefined) throw new Thrown("NoSuchFunction", name);
    return perform(event);
  }

  #own(op: TaskEvent["op"], sent: Json): Json {
    const event = taskEvent(op, sent);
    if (event.op === "gate") {
      this.gates.push(event);
      const refusal = this.decide(event);
      if (refusal !== undefined) throw new Thrown(refusal, "as the test says");
    } else if (event.op === "park") this.parks.push(event);
    else if (event.op === "human") this.questions.push(event);
    return {};
  }

  async start(
    definition: JsonObject,
    input: Json,
    name?: string,
    machine = `machine-${this.#machines++}`,
  ): Promise<string> {
    const { stateMachineArn } = await this.#call("CreateStateMachine", {
      name: machine,
      definition: JSON.stringify(definition),
      roleArn: `arn:aws:iam::${ACCOUNT}:role/flows`,
    });
    const { executionArn } = await this.#call("StartExecution", {
      stateMachineArn,
      input: JSON.stringify(input),
      ...(name === undefined ? {} : { name }),
    });
    await this.settle();
    return String(executionArn);
  }

  /** Compiles the flow and starts it. */
  async startGated(definition: JsonObject, input: Json): Promise<string> {
    const incarnation = `abcdefghijklmno${"abcdefghijklmnopqrstuvwxyz"[this.#machines++]}`;
    const constants = { workspace: "demo", flowId: "order", incarnation, version: 3 };
    const compilation = compileFlow({ ...COMPILER_SETTINGS, constants, definition });
    if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
    return this.start(compilation.compiled, input, "run-1.1", machineName("demo", incarnation));
  }

  settle(): Promise<void> {
    return this.#activity.quiet();
  }

  /** Advances the clock. Timers fire in order. */
  async pass(seconds: number): Promise<void> {
    await this.#clock.advance(seconds * 1000);
    await this.settle();
  }

  async wakeAll(): Promise<void> {
    for (const { token } of this.parks.splice(0))
      await this.#call("SendTaskSuccess", { taskToken: token, output: "{}" });
    await this.settle();
  }

  async answer(index: number, output: Json): Promise<void> {
    await this.#call("SendTaskSuccess", {
      taskToken: this.questions[index]?.token,
      output: JSON.stringify(output),
    });
    await this.settle();
  }

  async reject(index: number): Promise<void> {
    await this.#call("SendTaskFailure", {
      taskToken: this.questions[index]?.token,
      error: "Sluice.Rejected",
      cause: "no",
    });
    await this.settle();
  }

  /** The park's behavior for a run that is over. */
  async stop(executionArn: string): Promise<void> {
    await this.#call("StopExecution", { executionArn, error: "Sluice.Cancelled" });
    await this.settle();
  }

  async outcome(executionArn: string): Promise<Outcome> {
    const { status, output, error, cause } = await this.#call("DescribeExecution", { executionArn });
    return {
      status: String(status),
      ...(typeof output === "string" ? { output: JSON.parse(output) } : {}),
      ...(typeof error === "string" ? { error } : {}),
      ...(typeof cause === "string" ? { cause } : {}),
    };
  }

  /** Names of the states that the execution has entered, in order. */
  async entered(executionArn: string): Promise<string[]> {
    const { events } = await this.#call("GetExecutionHistory", { executionArn, maxResults: 1000 });
    return (events as HistoryEvent[]).flatMap(({ stateEnteredEventDetails: details }) =>
      details ? [details.name] : [],
    );
  }

  async close(): Promise<void> {
    await this.#stepFunctions.close();
    this.#clock.close();
  }

  async #call(operation: string, body: unknown): Promise<Record<string, unknown>> {
    return (await this.#stepFunctions.service.call(operation, body)) as Record<string, unknown>;
  }
}
