import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run, Step } from "../../../shared/model/schemas/run.ts";
import { type Answer, eventually } from "../../harness/clients/client.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import type { CrashPlan } from "./crash-plan.ts";
import type { Shape } from "./flows.ts";

/** A record that a caller sent, and whether it was accepted. */
export interface DispatchedRecord {
  readonly id: string;
  readonly flowId: string;
  readonly shape: Shape;
  readonly accepted: boolean;
}

/** The environment that all scenarios share, and a record of what they did in it. */
export class ScenarioContext {
  readonly environment: ProofEnvironment;
  readonly crashes: CrashPlan;
  readonly records: DispatchedRecord[] = [];
  readonly flows = new Map<string, Shape>();
  /** Flows that scenarios delete, or whose runs they delete. */
  readonly deleted = new Set<string>();
  /** The case that each name belongs to. */
  readonly owners = new Map<string, string>();
  readonly #case = new AsyncLocalStorage<string>();
  readonly #common = new Map<Shape, Map<string, Promise<string>>>();
  #turn: Promise<void> = Promise.resolve();
  #ids = 0;

  constructor(environment: ProofEnvironment, crashes: CrashPlan) {
    this.environment = environment;
    this.crashes = crashes;
  }

  /** A name that occurs nowhere else. */
  fresh(): string {
    this.#ids += 1;
    const name = `x${String(this.#ids).padStart(5, "0")}x`;
    this.owners.set(name, this.#case.getStore() ?? "all");
    return name;
  }
  /** Assigns all names that `work` chooses to the case. */
  within<T>(name: string, work: () => T): T {
    return this.#case.run(name, work);
  }

  call<T = JsonObject>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<T>> {
    return this.environment.admin.call<T>(
      method,
      path,
      body,
      key === undefined ? {} : { "idempotency-key": key },
    );
  }
  async must<T = JsonObject>(method: string, path: string, body?: unknown): Promise<T> {
    return this.environment.admin.expect<T>([200, 201, 202, 204], method, path, body);
  }

  /** Publishes a flow of the scenario's own. */
  async flow(shape: Shape): Promise<string> {
    const flowId = this.fresh();
    await this.publish(flowId, shape);
    return flowId;
  }
  /** A flow shared by cases that only affect their own runs. Cases share it if they give the same reason. */
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
    const { onFailure } = shape;
    return this.call("PUT", `/flows/${flowId}`, {
      definition,
      ...(onFailure === undefined ? {} : { onFailure }),
    });
  }

  /** Dispatches a record and notes whether it was accepted. */
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

  /** Waits until the run is inside its first step, with every branch waiting. */
  async untilBusy(flowId: string, runId: string): Promise<void> {
    const { States: states } = this.flows.get(flowId)?.definition ?? {};
    const [first] = Object.values((states ?? {}) as Record<string, { Branches?: readonly unknown[] }>);
    const branches = first?.Branches?.length ?? 0;
    await eventually(async () => {
      const { items } = await this.must<{ items: Step[] }>("GET", `/runs/${runId}/steps`);
      return items.filter(({ status }) => status === "waiting").length >= branches ? true : undefined;
    }, 60);
    await this.environment.admin.untilStatus(runId, "running", 60);
  }

  /** Runs one piece of work at a time, each with its effects, so that a stream batch does not mix several. */
  alone(work: () => Promise<unknown>): Promise<void> {
    const mine = this.#turn.then(async () => {
      await work();
      await this.advance("PT1S");
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Advances the clock and waits for the effects. */
  async advance(duration: string): Promise<void> {
    await this.crashes.idle();
    await this.environment.admin.advance(duration);
    await this.crashes.idle();
  }

  /** Stops the execution of a run from outside Sluice. */
  async stopOutside(runId: string): Promise<void> {
    const { executionArn } = await this.must<Run>("GET", `/runs/${runId}`);
    await this.environment.stopExecution(executionArn);
  }
}
