import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { createDependencies, type Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { Environment } from "../../../functions/dependencies/settings.ts";
import { type Ending, withErrorCap } from "../../../functions/dependencies/with-error-cap.ts";
import { createExecutionClosedHandler } from "../../../functions/events/execution-closed.ts";
import { createSweepHandler } from "../../../functions/schedules/sweep.ts";
import {
  createContinueAsNewHandler,
  createGateHandler,
  createParkHandler,
} from "../../../functions/tasks/gate.ts";
import { createHumanStepHandler } from "../../../functions/tasks/human-step.ts";
import { ActivityCounter } from "../../../local/clock/activity.ts";
import { StackClock } from "../../../local/clock/clock.ts";
import { AwsError, type LambdaInvoker, type LambdaResponse } from "../../../local/ports/services.ts";
import { createStepFunctions, type StepFunctions } from "../../../local/step-functions/index.ts";
import { compileFlow } from "../../../shared/asl/compile.ts";
import type { FlowConstants } from "../../../shared/asl/gates/plan.ts";
import { newRun } from "../../../shared/domain/dispatch/new-run.ts";
import { startRun } from "../../../shared/domain/runs/start-run.ts";
import type { Actor } from "../../../shared/model/actor.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { machineName } from "../../../shared/model/machines/machine-names.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import { indexKeys, keys } from "../../../shared/store/keys.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { INDEX_SHARDS, INDEXES } from "../../../shared/store/table-definition.ts";
import { startTestTable, type TestTable } from "../table/test-table.ts";

const ACCOUNT = "000000000000";
const WORKSPACE = "demo";
const lambdaArn = (name: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;

export const ANN: Actor = { kind: "user", id: "ann" };

type Handler = (event: unknown) => Promise<unknown>;
const OWN_FUNCTIONS = ["sluice-gate", "sluice-park", "sluice-human-step", "sluice-hand-over"] as const;
type OwnFunction = (typeof OWN_FUNCTIONS)[number];
const isOwn = (name: string): name is OwnFunction => (OWN_FUNCTIONS as readonly string[]).includes(name);
const ignore = (): void => undefined;

type UserFunction = (event: Json) => Json | Promise<Json>;

/** Makes a call of Step Functions fail before or after it takes effect. */
export type Fault = "before" | "after" | undefined;

/** The run engine as it is deployed: its handlers, a real table, the local Step Functions behind its wire protocol. */
export class EngineHarness {
  readonly functions = new Map<string, UserFunction>();
  readonly calls: string[] = [];
  /** Called for every call of Step Functions over the wire, including the SDK's retries. */
  fault: (operation: string) => Fault = () => undefined;
  /** Runs before one of Sluice's own functions. If it throws, the call fails with that error. */
  beforeOwn: (name: string, event: Json) => void | Promise<void> = () => undefined;
  /** Whether status events reach the handler. */
  deliverEvents = true;
  readonly deps: Ending<Dependencies>;
  readonly handlers: Readonly<Record<OwnFunction, Handler>>;
  readonly #sweep: Handler;
  readonly #activity: ActivityCounter;
  readonly #clock: StackClock;
  readonly #table: TestTable;
  readonly #states: StepFunctions;
  readonly #server: Server;
  #flows = 0;

  /** @param settings of the functions, by variable, in addition to those that every function has */
  static async start(settings: Environment = {}): Promise<EngineHarness> {
    const table = await startTestTable();
    const harness = new EngineHarness(table, settings);
    harness.#server.listen(0, "127.0.0.1");
    await once(harness.#server, "listening");
    await harness.#states.recover();
    return harness;
  }

  private constructor(table: TestTable, settings: Environment) {
    this.#table = table;
    this.#activity = new ActivityCounter();
    this.#clock = new StackClock(this.#activity, { load: () => 0, save: () => undefined }, console.error);
    const config = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    this.deps = withErrorCap(
      createDependencies({
        clients: {
          dynamodb: table.client,
          stepFunctions: new SFNClient({ ...config, endpoint: async () => this.#endpoint() }),
          scheduler: new SchedulerClient(config),
        },
        clock: this.#clock,
        environment: {
          ...settings,
          [SETTINGS.table]: table.name,
          [SETTINGS.statesArnPrefix]: `arn:aws:states:us-east-1:${ACCOUNT}`,
        },
        log: { info: ignore, warn: ignore, error: ignore },
        publishMetrics: ignore,
      }),
    );
    this.handlers = {
      "sluice-gate": createGateHandler(this.deps),
      "sluice-park": createParkHandler(this.deps),
      "sluice-human-step": createHumanStepHandler(this.deps),
      "sluice-hand-over": createContinueAsNewHandler(this.deps),
    };
    this.#sweep = createSweepHandler({
      ...this.deps,
      events: { put: async (events) => events.length },
    });
    const executionClosed = createExecutionClosedHandler(this.deps);
    const lambda: LambdaInvoker = {
      invoke: ({ functionName, payload }) => this.#invoke(functionName.split(":").at(-1) ?? "", payload),
    };
    this.#states = createStepFunctions({
      database: ":memory:",
      clock: this.#clock,
      activity: this.#activity,
      lambda,
      bus: { publish: async (event) => (this.deliverEvents ? executionClosed(event) : undefined) },
      meter: { stateTransition: () => undefined },
      account: ACCOUNT,
    });
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
        const [status, body] = await this.#call(operation, Buffer.concat(chunks).toString());
        response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify(body));
      });
    });
  }

  #endpoint() {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The server does not listen");
    return { protocol: "http:", hostname: "127.0.0.1", port: address.port, path: "/" };
  }

  async #call(operation: string, body: string): Promise<[number, unknown]> {
    const fault = this.fault(operation);
    const failed: [number, unknown] = [
      500,
      { __type: "InternalServerError", message: "a fault of the test" },
    ];
    if (fault === "before") return failed;
    try {
      const answer = await this.#states.service.call(operation, JSON.parse(body));
      return fault === undefined ? [200, answer] : failed;
    } catch (error) {
      if (!(error instanceof AwsError))
        return [500, { __type: "InternalServerError", message: String(error) }];
      return [error.status, { __type: error.name, message: error.message }];
    }
  }

  async #invoke(name: string, payload: string): Promise<LambdaResponse> {
    const event: Json = JSON.parse(payload);
    try {
      const own = isOwn(name) ? this.handlers[name] : undefined;
      if (own === undefined) this.calls.push(name);
      else await this.beforeOwn(name, event);
      const result = await (own ?? this.functions.get(name) ?? missing(name))(event);
      return { ok: true, payload: JSON.stringify(result ?? null), executedVersion: "$LATEST" };
    } catch (error) {
      const { name: errorType, message } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, errorType, payload: JSON.stringify({ errorType, errorMessage: message }) };
    }
  }

  /** Publishes a flow as the API would and dispatches one run of it. */
  async dispatch(definition: JsonObject, payload: Json, started = true, settled = true): Promise<RunItem> {
    return this.dispatchTo(await this.publish(definition), payload, started, settled);
  }

  async publish(definition: JsonObject): Promise<FlowConstants> {
    this.#flows += 1;
    const flowId = `flow-${this.#flows}`;
    const incarnation = digestOf(this.#flows);
    const constants = { workspace: WORKSPACE, flowId, incarnation, version: 1 };
    const functions = {
      gate: lambdaArn("sluice-gate"),
      park: lambdaArn("sluice-park"),
      humanStep: lambdaArn("sluice-human-step"),
      continueAsNew: lambdaArn("sluice-hand-over"),
    };
    const compilation = compileFlow({ definition, constants, functions });
    if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
    const { stateMachineVersionArn } = (await this.#states.service.call("CreateStateMachine", {
      name: machineName(WORKSPACE, incarnation),
      definition: JSON.stringify(compilation.compiled),
      roleArn: `arn:aws:iam::${ACCOUNT}:role/flows`,
      publish: true,
    })) as { stateMachineVersionArn: string };
    await this.deps.table.put({
      ...keys.version(WORKSPACE, flowId, incarnation, 1),
      machineVersionArn: stateMachineVersionArn,
      gated: compilation.gated,
    });
    await this.setHolds(flowId, incarnation, {});
    return constants;
  }

  /** Dispatches one more run of a flow. */
  async dispatchTo(flow: FlowConstants, payload: Json, started = true, settled = true): Promise<RunItem> {
    const { ids, clock, runs } = this.deps;
    const now = clock.now();
    const run = newRun({ ...flow, runId: ids.runId(now), startedBy: ANN, runAs: "user" }, now, ids);
    await runs.create(run, JSON.stringify(payload));
    if (!started) return run;
    await startRun(this.deps, run);
    if (settled) await this.settle();
    return this.run(run);
  }

  /** Dispatches a run and does not wait for it. */
  begin(definition: JsonObject, payload: Json): Promise<RunItem> {
    return this.dispatch(definition, payload, true, false);
  }

  /** The one running run, as a user's function sees it. */
  async running(): Promise<RunItem> {
    for (let shard = 0; shard < INDEX_SHARDS; shard += 1) {
      const key = indexKeys.byStatus(WORKSPACE, "running", shard);
      const { items } = await this.deps.table.queryPage({
        index: INDEXES.byStatus.name,
        key: { text: "statusKey = :key", values: { ":key": key } },
      });
      const runId = /#R#(.*)$/.exec(String(items[0]?.["PK"]))?.[1];
      if (runId !== undefined) return this.run({ workspace: WORKSPACE, runId });
    }
    throw new Error("No run is running");
  }

  async setHolds(flowId: string, incarnation: string, holds: JsonObject): Promise<void> {
    await this.deps.table.put({
      ...keys.hold(WORKSPACE, flowId, incarnation),
      incarnation,
      holds,
      mode: "queue",
      epoch: 0,
    });
  }

  async run(run: Pick<RunItem, "workspace" | "runId">): Promise<RunItem> {
    const found = await this.deps.runs.get(run.workspace, run.runId);
    if (found === undefined) throw new Error("The run is gone");
    return found;
  }

  async states(operation: string, body: unknown): Promise<Record<string, unknown>> {
    return (await this.#states.service.call(operation, body)) as Record<string, unknown>;
  }

  /** Waits until Step Functions and the functions are idle. */
  settle(): Promise<void> {
    return this.#activity.quiet();
  }

  async advance(milliseconds: number): Promise<void> {
    await this.#clock.advance(milliseconds);
    await this.settle();
  }

  async sweep(): Promise<void> {
    await this.#sweep({});
    await this.settle();
  }

  async close(): Promise<void> {
    await this.#states.close();
    this.#clock.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#table.close();
  }
}

/** An incarnation of its own for each flow. */
const digestOf = (flow: number): string =>
  "incarnation".padEnd(16, "a").slice(0, 13) +
  flow
    .toString()
    .padStart(3, "2")
    .replaceAll(/[0189]/g, (digit) => DIGITS[digit] ?? "x");
const DIGITS: Readonly<Record<string, string>> = { "0": "w", "1": "x", "8": "y", "9": "z" };

const missing = (name: string): never => {
  throw new Error(`No function ${name}`);
};

/** A Task that calls a user's function. */
export const task = (name: string, more: JsonObject): JsonObject => ({
  Type: "Task",
  Resource: lambdaArn(name),
  ...more,
});

/** A promise and its resolver, for holding a user's function in the middle of a step. */
export const latch = (): { promise: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
};
