import { setTimeout as delay } from "node:timers/promises";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { definitionOf, payloadOf, SHAPES } from "../harness/flow-shapes.ts";
import type { ClientJournal } from "./client-journal.ts";
import type { PersistentClient } from "./persistent-client.ts";
import type { Random } from "./random.ts";

const FLOWS = Object.keys(SHAPES);
const BATCH = 8;

/** Legal refusals: another client was faster, or the run is in another status. */
const REFUSALS: Readonly<Record<number, readonly string[]>> = {
  404: ["not_found"],
  409: [
    ...["state_changed", "run_already_terminal", "action_not_allowed", "flow_held", "spend_hold"],
    ...["step_already_completed", "flow_has_open_runs"],
  ],
  422: ["replay_not_possible"],
};

/** A user who performs one action after the other. */
export class Caller {
  readonly #client: PersistentClient;
  readonly #random: Random;
  readonly #journal: ClientJournal;
  readonly #now: () => Promise<number>;
  /** Whether the user also publishes, sets caps and deletes. */
  readonly #isAdmin: boolean;
  #published = 0;

  /** @param now the stack's time, epoch milliseconds */
  constructor(
    client: PersistentClient,
    random: Random,
    journal: ClientJournal,
    now: () => Promise<number>,
    isAdmin: boolean,
  ) {
    this.#isAdmin = isAdmin;
    this.#client = client;
    this.#random = random;
    this.#journal = journal;
    this.#now = now;
  }

  async publishAll(): Promise<void> {
    for (const flow of FLOWS) await this.#publish(flow);
  }

  /** Performs a random action. */
  async act(): Promise<void> {
    let left = this.#random.below(ACTIONS.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, action] of ACTIONS) {
      left -= weight;
      if (left < 0) return this[action]();
    }
  }

  async dispatch(): Promise<void> {
    const id = this.#journal.nextId();
    const flow = this.#flow();
    const { status, body } = await this.#ask("dispatch", "POST", `/flows/${flow}/runs`, {
      ...{ body: { payload: payloadOf(id) }, key: id },
    });
    if (status === 202) this.#journal.accept(id, String(body["runId"]));
    else this.#journal.refused.add(id);
  }

  /** Sends a batch, and sends records without a final answer again with their keys. */
  async batch(): Promise<void> {
    const flow = this.#flow();
    let open = Array.from({ length: BATCH }, () => this.#journal.nextId());
    while (open.length > 0) {
      const records = open.map((id) => ({ payload: payloadOf(id), idempotencyKey: id }));
      const { body } = await this.#ask("batch", "POST", `/flows/${flow}/runs/batch`, { body: { records } });
      const results = (body["results"] ?? []) as { status: number; run?: Run; error?: { code: string } }[];
      const again: string[] = [];
      for (const [index, id] of open.entries()) {
        const result = results[index];
        if (result?.status === 202 && result.run !== undefined) this.#journal.accept(id, result.run.runId);
        else if (result === undefined || result.status >= 500 || result.status === 429) again.push(id);
        else {
          this.#journal.refused.add(id);
          this.#judge("batch record", result.status, result.error?.code);
        }
      }
      open = again;
    }
  }

  async pause(): Promise<void> {
    await this.#control("pause");
  }
  async resume(): Promise<void> {
    const paused = await this.#some("status=paused");
    if (paused !== undefined) await this.#ask("resume", "POST", `/runs/${paused.runId}/resume`, { body: {} });
  }
  async cancel(): Promise<void> {
    await this.#control("cancel");
  }

  async delete(): Promise<void> {
    if (!this.#isAdmin) return;
    const run = await this.#some("status=completed,failed,cancelled,paused");
    if (run === undefined) return;
    this.#journal.deleted.add(run.runId);
    await this.#ask("delete", "DELETE", `/runs/${run.runId}`);
  }

  async answer(): Promise<void> {
    const run = await this.#some("status=waiting");
    const stepId = run?.waitingOn?.kind === "approval" ? run.waitingOn.stepId : undefined;
    if (run === undefined || stepId === undefined) return;
    const decision = this.#random.next() < 0.8 ? "approved" : "rejected";
    await this.#ask("answer", "POST", `/runs/${run.runId}/steps/${stepId}/complete`, { body: { decision } });
  }

  /** Replays with a new payload, so that the steps of both runs can be distinguished. */
  async replay(): Promise<void> {
    const run = await this.#some("status=failed,completed,cancelled");
    if (run === undefined) return;
    const id = this.#journal.nextId();
    const from = run.status === "failed" && this.#random.next() < 0.5 ? "failed-step" : "start";
    const { status, body } = await this.#ask("replay", "POST", `/runs/${run.runId}/replay`, {
      ...{ body: { from, payload: payloadOf(id) }, key: id },
    });
    if (status === 202) this.#journal.accept(id, String(body["runId"]));
    else this.#journal.refused.add(id);
  }

  async holdFlow(): Promise<void> {
    const ahead =
      this.#random.next() < 0.5
        ? 1_000 * (3 + this.#random.below(10))
        : 86_400_000 * (1 + this.#random.below(9));
    const resumeAt = new Date((await this.#now()) + ahead).toISOString();
    const mode = this.#random.next() < 0.8 ? "queue" : "reject";
    await this.#ask("pause flow", "POST", `/flows/${this.#flow()}/pause`, { body: { mode, resumeAt } });
  }
  async resumeFlow(): Promise<void> {
    const drainRate = this.#random.next() < 0.5 ? 5 : 50;
    await this.#ask("resume flow", "POST", `/flows/${this.#flow()}/resume`, { body: { drainRate } });
  }
  async cap(): Promise<void> {
    if (!this.#isAdmin) return;
    const limit = this.#random.next() < 0.5 ? null : { limit: 5 + this.#random.below(50), per: "hour" };
    await this.#ask("caps", "PUT", `/flows/${this.#flow()}/caps`, { body: { throughput: limit } });
  }
  async publish(): Promise<void> {
    if (!this.#isAdmin) return;
    await this.#publish(this.#flow());
  }

  async bulk(): Promise<void> {
    const actions = ["pause", "resume", "cancel", ...(this.#isAdmin ? ["delete"] : [])];
    const action = this.#random.of(actions) ?? "pause";
    const status = action === "delete" ? "cancelled" : action === "resume" ? "paused" : "running";
    const filter = { status: [status], flowId: this.#flow() };
    const key = this.#journal.nextId();
    const { status: answered, body } = await this.#ask("bulk", "POST", "/bulk-operations", {
      ...{ body: { action, filter }, key },
    });
    if (answered === 202 && action === "delete") this.#journal.bulkDeletions.push(String(body["bulkId"]));
  }

  async read(): Promise<void> {
    await this.#ask("read", "GET", "/attention?limit=50");
    const run = this.#random.of(this.#journal.recent);
    if (run !== undefined) await this.#ask("read", "GET", `/runs/${run}/steps`);
  }

  async #publish(flow: string): Promise<void> {
    this.#published += 1;
    const shape = SHAPES[flow];
    if (shape === undefined) throw new Error(`No shape ${flow}`);
    const definition = definitionOf(shape, `text ${this.#random.below(1e9)} ${this.#published}`);
    await this.#ask("publish", "PUT", `/flows/${flow}`, { body: { definition } });
  }

  async #control(action: "pause" | "cancel"): Promise<void> {
    const run = this.#random.of(this.#journal.recent);
    if (run !== undefined) await this.#ask(action, "POST", `/runs/${run}/${action}`, { body: {} });
  }

  async #some(query: string): Promise<Run | undefined> {
    const { body } = await this.#ask("list", "GET", `/runs?limit=20&flowId=${this.#flow()}&${query}`);
    return this.#random.of((body["items"] ?? []) as Run[]);
  }

  #flow(): string {
    return this.#random.of(FLOWS) ?? "line";
  }

  async #ask(
    kind: string,
    method: string,
    path: string,
    { body, key }: { body?: unknown; key?: string } = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await this.#client.call(method, path, body, key);
    this.#judge(kind, answer.status, answer.body["code"]);
    return answer;
  }

  #judge(kind: string, status: number, code: unknown): void {
    this.#journal.count(kind, status);
    if (status < 300 || REFUSALS[status]?.includes(String(code))) return;
    this.#journal.violation(`${kind} answered ${status} ${code}`);
  }
}

/** The actions with their weights. */
const ACTIONS = [
  [24, "dispatch"],
  [5, "batch"],
  [10, "pause"],
  [10, "resume"],
  [4, "cancel"],
  [3, "delete"],
  [12, "answer"],
  [4, "replay"],
  [3, "holdFlow"],
  [4, "resumeFlow"],
  [1, "cap"],
  [1, "publish"],
  [1, "bulk"],
  [6, "read"],
] as const satisfies readonly (readonly [number, keyof Caller])[];

/** Hours by which the clock moves. The clients pause in the meantime. */
export const MOVES = [1, 6, 6, 24, 72] as const;
export const breather = (random: Random): Promise<void> => delay(5 + random.below(30));
