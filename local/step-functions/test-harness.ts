import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { BusEvent, LambdaRequest, LambdaResponse, ObjectStore } from "../ports/services.ts";
import { createStepFunctions, type StepFunctions, type WaitingTask } from "./index.ts";

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

type Function = (event: Json, request: LambdaRequest) => Json | Promise<Json>;

interface HarnessOptions {
  readonly database?: string;
  readonly clock?: VirtualClock;
  readonly functions?: Readonly<Record<string, Function>>;
  readonly objects?: ObjectStore;
  /** Throws if the bus is to reject the event. */
  readonly publish?: (event: BusEvent) => void;
}

/** Thrown by a harness's function to fail like a Lambda function. */
export class FunctionError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Step Functions for tests: with a virtual clock, functions in the test's process, and records of events and calls. */
export class Harness {
  readonly clock: VirtualClock;
  readonly events: BusEvent[] = [];
  readonly invocations: string[] = [];
  readonly tasks: WaitingTask[] = [];
  transitions = 0;
  readonly #stepFunctions: StepFunctions;
  readonly #functions: Readonly<Record<string, Function>>;

  constructor(options: HarnessOptions = {}) {
    this.clock = options.clock ?? new VirtualClock();
    this.#functions = options.functions ?? {};
    this.#stepFunctions = createStepFunctions({
      database: options.database ?? ":memory:",
      clock: this.clock,
      activity: this.clock,
      lambda: { invoke: (request) => this.#invoke(request) },
      bus: {
        publish: async (event) => {
          options.publish?.(event);
          this.events.push(event);
        },
      },
      meter: {
        stateTransition: () => {
          this.transitions += 1;
        },
      },
      ...(options.objects === undefined ? {} : { objects: options.objects }),
      taskWaiting: (task) => this.tasks.push(task),
    });
  }

  async #invoke(request: LambdaRequest): Promise<LambdaResponse> {
    const name = request.functionName.split(":").at(-1) ?? "";
    this.invocations.push(name);
    const run = this.#functions[name];
    if (!run) return { ok: "service-error", name: "Lambda.ResourceNotFoundException", message: name };
    try {
      const result = await run(JSON.parse(request.payload) as Json, request);
      return { ok: true, payload: JSON.stringify(result), executedVersion: "$LATEST" };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { ok: false, errorType, payload: JSON.stringify({ errorType, errorMessage }) };
    }
  }

  async call(
    operation: string,
    body: Record<string, unknown>,
    gone?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    return (await this.#stepFunctions.service.call(operation, body, gone)) as Record<string, unknown>;
  }

  async create(definition: JsonObject, name = "flow"): Promise<string> {
    const made = await this.call("CreateStateMachine", {
      name,
      definition: JSON.stringify(definition),
      roleArn: "arn:aws:iam::000000000000:role/flow",
    });
    return String(made["stateMachineArn"]);
  }

  /** Starts an execution and waits until only the clock can continue it. */
  async start(definition: JsonObject, input: Json = {}, name = "run"): Promise<string> {
    const stateMachineArn = await this.create(definition);
    const started = await this.call("StartExecution", {
      stateMachineArn,
      name,
      input: JSON.stringify(input),
    });
    await this.clock.settled();
    return String(started["executionArn"]);
  }

  describe(executionArn: string): Promise<Record<string, unknown>> {
    return this.call("DescribeExecution", { executionArn });
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    return (await this.call("GetExecutionHistory", { executionArn, maxResults: 1000 }))[
      "events"
    ] as HistoryEvent[];
  }

  async types(executionArn: string): Promise<string[]> {
    return (await this.history(executionArn)).map((event) => event.type);
  }

  token(index = 0): string {
    const task = this.tasks[index];
    if (!task) throw new Error(`There is no waiting task ${index}`);
    return task.token;
  }

  recover(): Promise<void> {
    return this.#stepFunctions.recover();
  }

  close(): Promise<void> {
    return this.#stepFunctions.close();
  }
}

export const lambdaArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
export const WAITING_TASK = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token" } },
  End: true,
};
