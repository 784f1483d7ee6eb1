import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { createDependencies } from "../../functions/dependencies/dependencies.ts";
import { withErrorCap } from "../../functions/dependencies/with-error-cap.ts";
import { createExecutionClosedHandler } from "../../functions/events/execution-closed.ts";
import { authorizeCall } from "../../functions/inline/authorize-call.ts";
import { createSweepHandler } from "../../functions/schedules/sweep.ts";
import {
  createContinueAsNewHandler,
  createGateHandler,
  createParkHandler,
} from "../../functions/tasks/gate.ts";
import { createHumanStepHandler } from "../../functions/tasks/human-step.ts";
import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { startRun } from "../../shared/domain/runs/start-run.ts";
import type { Json } from "../../shared/model/json/json.ts";
import { DEFAULT_INSTANCE, executionArn } from "../../shared/model/machines/machine-names.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import { type Clock, systemClock } from "../../shared/model/time/clock.ts";
import { isTerminal } from "../../shared/model/transitions.ts";
import { keys } from "../../shared/store/keys.ts";
import { jsonErrorAnswer, parseJson } from "../aws/json-protocol.ts";
import { startEngine } from "../dynamodb/dynoxide.ts";
import { tableDefinition } from "../dynamodb/table.ts";
import { readBody, send } from "../gateway/http.ts";
import { AwsError, type AwsService, type BusEvent } from "../ports/services.ts";
import type { Outcome } from "./case.ts";

interface Flow {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly version: number;
}
interface StartedCase {
  readonly executionArn: string;
  isOver(): Promise<boolean>;
  /**
   * The outcome according to the run if only the run knows it (the machine's deadline). @throws Error if the run and its execution
   * disagree
   */
  judged(outcome: Outcome): Promise<Outcome>;
}

/** Sluice's handlers on a real table and a given Step Functions. */
export interface SluiceParts {
  readonly handlers: Readonly<Record<string, (event: unknown) => Promise<unknown>>>;
  /** The event for a function with an inline gate. */
  admitted(event: unknown): Promise<unknown>;
  useClock(clock: Clock): void;
  useStates(service: AwsService): void;
  dispatch(flow: Flow, machineVersionArn: string, input: Json): Promise<StartedCase>;
  executionClosed(event: BusEvent): Promise<void>;
  sweep(): Promise<void>;
  close(): Promise<void>;
}

const ignore = (): void => undefined;

const EVENT_WITHIN_MS = 5_000;
const TABLE = "sluice-cases";
const STATES = "arn:aws:states:us-east-1:000000000000";
const STATUS: Readonly<Record<string, string>> = { completed: "SUCCEEDED", failed: "FAILED" };

export const startSluiceParts = async (): Promise<SluiceParts> => {
  let states: AwsService = { call: () => Promise.reject(new Error("No Step Functions yet")) };
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    try {
      const answer = await states.call(operation, parseJson(await readBody(request, 1 << 24)));
      send(request, response, { status: 200, headers: {}, body: JSON.stringify(answer ?? {}) });
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500);
      send(request, response, jsonErrorAnswer(known));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  const statesEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients = {
    dynamodb: new DynamoDBClient({ ...config, endpoint: engine.endpoint().href }),
    stepFunctions: new SFNClient({ ...config, endpoint: statesEndpoint }),
    scheduler: new SchedulerClient(config),
  };
  await clients.dynamodb.send(new CreateTableCommand(tableDefinition(TABLE)));
  let clock = systemClock;
  const deps = withErrorCap(
    createDependencies({
      clients,
      clock: { now: () => clock.now() },
      environment: { [SETTINGS.table]: TABLE, [SETTINGS.statesArnPrefix]: STATES },
      log: { info: ignore, warn: ignore, error: ignore },
      publishMetrics: ignore,
    }),
  );
  const executionClosed = createExecutionClosedHandler(deps);
  const sweep = createSweepHandler({ ...deps, events: { put: async (events) => events.length } });

  return {
    handlers: {
      "sluice-gate": createGateHandler(deps),
      "sluice-park": createParkHandler(deps),
      "sluice-human-step": createHumanStepHandler(deps),
      "sluice-hand-over": createContinueAsNewHandler(deps),
    },
    admitted: (event) => authorizeCall(() => deps, event),
    useClock: (other) => {
      clock = other;
    },
    useStates: (service) => {
      states = service;
    },
    dispatch: async (flow, machineVersionArn, input) => {
      const { workspace, flowId, incarnation, version } = flow;
      await deps.table.put({ ...keys.version(workspace, flowId, incarnation, version), machineVersionArn });
      await deps.table.put({
        ...keys.hold(workspace, flowId, incarnation),
        ...{ incarnation, holds: {}, mode: "queue", epoch: 0 },
      });
      const now = deps.clock.now();
      const run = newRun(
        { ...flow, runId: deps.ids.runId(now), startedBy: { kind: "system", id: "cases" }, runAs: "system" },
        now,
        deps.ids,
      );
      await deps.runs.create(run, JSON.stringify(input));
      await startRun(deps, run);
      const status = async () => (await deps.runs.get(workspace, run.runId))?.status ?? "cancelled";
      const arn = executionArn({ arnPrefix: STATES, instance: DEFAULT_INSTANCE }, run);
      const executionStatus = async () =>
        ((await states.call("DescribeExecution", { executionArn: arn })) as { status: string }).status;
      return {
        executionArn: arn,
        isOver: async () => (await executionStatus()) !== "RUNNING" && isTerminal(await status()),
        judged: async (outcome) => {
          // The event of the execution's end reaches its handler in real time.
          const giveUpAt = Date.now() + EVENT_WITHIN_MS;
          while (!isTerminal(await status()) && Date.now() < giveUpAt) await sleep(5);
          const record = await deps.runs.get(workspace, run.runId);
          const failed = record?.status === "failed";
          // Sluice ended the execution at the run's deadline, or Step Functions did after a year.
          const byDeadline = outcome.status === "ABORTED" && record?.error?.error === "States.Timeout";
          if (failed && (byDeadline || outcome.status === "TIMED_OUT")) {
            const { error: _, cause: __, ...rest } = outcome;
            return { ...rest, status: "FAILED", error: "States.Timeout" };
          }
          if (STATUS[record?.status ?? ""] !== outcome.status) {
            throw new Error(`The run is ${record?.status}, its execution ${outcome.status}`);
          }
          return outcome;
        },
      };
    },
    executionClosed: (event) => executionClosed(event),
    sweep: () => sweep(),
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      server.closeAllConnections();
      server.close();
      await engine.close();
    },
  };
};
