import { AsyncLocalStorage } from "node:async_hooks";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { compose } from "../../../local/sluice/compose.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run, Step } from "../../../shared/model/schemas/run.ts";
import { keys } from "../../../shared/store/keys.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type Answer, eventually } from "../../support/client.ts";
import type { ProofStack } from "../harness/proof-stack.ts";
import type { Crashes } from "./crashes.ts";
import type { Shape } from "./flows.ts";

const TABLE = compose().table.TableName;

/** A record that was handed to Sluice, and what the caller was told. */
export interface DispatchedRecord {
  readonly id: string;
  readonly flowId: string;
  readonly shape: Shape;
  readonly accepted: boolean;
}

/** The stack that all scenarios share, and what they did to it. */
export class World {
  readonly stack: ProofStack;
  readonly crashes: Crashes;
  readonly records: DispatchedRecord[] = [];
  readonly flows = new Map<string, Shape>();
  /** Flows that scenarios delete, or whose runs they delete. */
  readonly deleted = new Set<string>();
  readonly #tables: DynamoDBDocumentClient;
  readonly #states: SFNClient;
  /** Whose case a name belongs to. */
  readonly owners = new Map<string, string>();
  readonly #case = new AsyncLocalStorage<string>();
  readonly #common = new Map<Shape, Map<string, Promise<string>>>();
  #turn: Promise<void> = Promise.resolve();
  #ids = 0;

  constructor(stack: ProofStack, crashes: Crashes) {
    this.stack = stack;
    this.crashes = crashes;
    this.#tables = DynamoDBDocumentClient.from(new DynamoDBClient(sdkConfig(stack.url, "dynamodb")));
    this.#states = new SFNClient(sdkConfig(stack.url, "states"));
  }

  close(): void {
    this.#tables.destroy();
    this.#states.destroy();
  }

  /** A name that nothing else contains. */
  fresh(): string {
    this.#ids += 1;
    const name = `x${String(this.#ids).padStart(5, "0")}x`;
    this.owners.set(name, this.#case.getStore() ?? "all");
    return name;
  }
  /** What `work` names belongs to the case. */
  within<T>(name: string, work: () => T): T {
    return this.#case.run(name, work);
  }

  call<T = JsonObject>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<T>> {
    return this.stack.admin.call<T>(method, path, body, key === undefined ? {} : { "idempotency-key": key });
  }
  async must<T = JsonObject>(method: string, path: string, body?: unknown): Promise<T> {
    return this.stack.admin.expect<T>([200, 201, 202, 204], method, path, body);
  }

  /** A flow of its own for the scenario. */
  async flow(shape: Shape): Promise<string> {
    const flowId = this.fresh();
    await this.publish(flowId, shape);
    return flowId;
  }
  /** A flow that cases share whose doing is all about their own runs. `why`: shared only for the same reason. */
  common(shape: Shape, why = ""): Promise<string> {
    const shared = this.#common.get(shape) ?? new Map<string, Promise<string>>();
    this.#common.set(shape, shared);
    const flowId = shared.get(why) ?? this.flow(shape);
    shared.set(why, flowId);
    return flowId;
  }
  publish(flowId: string, shape: Shape, comment = "1"): Promise<Answer> {
    this.flows.set(flowId, shape);
    const definition = { Comment: comment, ...shape.definition };
    return this.call("PUT", `/flows/${flowId}`, { definition });
  }

  /** Dispatches a record and says what came of it; the books know it from then on. */
  async dispatch(flowId: string, key?: string, id = this.fresh()): Promise<Answer<Run>> {
    const answer = await this.call<Run>("POST", `/flows/${flowId}/runs`, { payload: { id } }, key);
    this.note(flowId, id, answer.status === 202);
    return answer;
  }
  note(flowId: string, id: string, accepted: boolean): void {
    const shape = this.flows.get(flowId);
    if (shape === undefined) throw new Error(`No flow ${flowId}`);
    this.records.push({ id, flowId, shape, accepted });
  }
  async run(flowId: string, key?: string): Promise<string> {
    const { status, body } = await this.dispatch(flowId, key);
    if (status !== 202) throw new Error(`A record got ${status}: ${JSON.stringify(body)}`);
    this.owners.set(body.runId, this.#case.getStore() ?? "all");
    return body.runId;
  }
  async pausedFlow(shape: Shape, body: JsonObject = {}): Promise<string> {
    const flowId = await this.flow(shape);
    await this.must("POST", `/flows/${flowId}/pause`, body);
    return flowId;
  }

  /** Until the run is in the middle of its first step: every branch of it waits. */
  async untilBusy(flowId: string, runId: string): Promise<void> {
    const { States: states } = this.flows.get(flowId)?.definition ?? {};
    const [first] = Object.values((states ?? {}) as Record<string, { Branches?: readonly unknown[] }>);
    const branches = first?.Branches?.length ?? 0;
    await eventually(async () => {
      const { items } = await this.must<{ items: Step[] }>("GET", `/runs/${runId}/steps`);
      return items.filter(({ status }) => status === "waiting").length >= branches ? true : undefined;
    }, 60);
    await this.stack.admin.untilStatus(runId, "running", 60);
  }

  /** One such work after the other, each with what comes of it: what others do meanwhile is not mixed into it. */
  alone(work: () => Promise<unknown>): Promise<void> {
    const mine = this.#turn.then(async () => {
      await work();
      await this.advance("PT1S");
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Time passes, and what comes of it is over. */
  async advance(duration: string): Promise<void> {
    await this.crashes.atRest();
    await this.stack.admin.advance(duration);
    await this.crashes.atRest();
  }

  /** The flow's item, read past Sluice. */
  async flowItem(flowId: string): Promise<Record<string, unknown>> {
    const Key = keys.flow("demo", flowId);
    const { Item } = await this.#tables.send(new GetCommand({ TableName: TABLE, Key, ConsistentRead: true }));
    return Item ?? {};
  }

  /** Ends an execution as somebody does in the AWS console. */
  async stopOutside(runId: string): Promise<void> {
    const { executionArn } = await this.must<Run>("GET", `/runs/${runId}`);
    await this.#states.send(new StopExecutionCommand({ executionArn, error: "Outside" }));
  }
}
