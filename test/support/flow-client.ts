import { setTimeout as delay } from "node:timers/promises";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import type { Caps, Flow } from "../../shared/model/schemas/flow.ts";
import type { AuditItem, Run } from "../../shared/model/schemas/run.ts";
import type { Answer, Client } from "./client.ts";

/** The API's own limit of one batch. */
const MAX_BATCH = 100;

/** One flow of the public API, as a caller sees it. */
export class FlowClient {
  readonly flowId: string;
  readonly #client: Client;

  constructor(client: Client, flowId: string) {
    this.#client = client;
    this.flowId = flowId;
  }

  now(): Promise<Flow> {
    return this.#client.expect<Flow>([200], "GET", `/flows/${this.flowId}`);
  }
  pause(body: JsonObject = {}): Promise<Answer> {
    return this.#client.call("POST", `/flows/${this.flowId}/pause`, body);
  }
  resume(body: JsonObject = {}): Promise<Answer> {
    return this.#client.call("POST", `/flows/${this.flowId}/resume`, body);
  }
  caps(caps: Caps): Promise<Answer> {
    return this.#client.call("PUT", `/flows/${this.flowId}/caps`, caps);
  }
  async audit(): Promise<AuditItem[]> {
    const path = `/flows/${this.flowId}/audit?limit=200`;
    return (await this.#client.expect<{ items: AuditItem[] }>([200], "GET", path)).items;
  }
  dispatch(payload: Json): Promise<Run> {
    return this.#client.dispatch(this.flowId, payload);
  }

  /** Dispatches in batches, one after the other; each record must be taken (202). */
  async dispatchAll(payloads: readonly Json[]): Promise<Run[]> {
    const runs: Run[] = [];
    for (let from = 0; from < payloads.length; from += MAX_BATCH) {
      const records = payloads.slice(from, from + MAX_BATCH).map((payload) => ({ payload }));
      const { results } = await this.#client.expect<{ results: { status: number; run?: Run }[] }>(
        [200],
        "POST",
        `/flows/${this.flowId}/runs/batch`,
        { records },
      );
      for (const { status, run } of results) {
        if (status !== 202 || run === undefined) throw new Error(`A record of the batch got ${status}`);
        runs.push(run);
      }
    }
    return runs;
  }

  /** All runs of the flow, oldest first; the filters are those of the list. */
  async runs(filters = ""): Promise<Run[]> {
    const runs: Run[] = [];
    let cursor = "";
    do {
      const path = `/runs?flowId=${this.flowId}&limit=200${filters}${cursor}`;
      const page = await this.#client.expect<{ items: Run[]; nextCursor?: string }>([200], "GET", path);
      runs.push(...page.items);
      cursor = page.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (cursor !== "");
    return runs.toReversed();
  }

  /** How many runs there are in each status. */
  async census(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { status } of await this.runs()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** Asks again until the flow is as wanted; fails after `seconds` of real time and says how it stands. */
  async until(wanted: (flow: Flow) => boolean, seconds = 15): Promise<Flow> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const flow = await this.now();
      if (wanted(flow)) return flow;
      if (Date.now() > end) throw new Error(`The flow did not get there: ${JSON.stringify(flow)}`);
      await delay(25);
    }
  }

  /** Asks again until exactly these statuses are there, so often. */
  async untilCensus(wanted: Record<string, number>, seconds = 30): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const census = await this.census();
      const names = new Set([...Object.keys(census), ...Object.keys(wanted)]);
      if ([...names].every((name) => (census[name] ?? 0) === (wanted[name] ?? 0))) return;
      if (Date.now() > end) throw new Error(`The runs of ${this.flowId} stand at ${JSON.stringify(census)}`);
      await delay(100);
    }
  }
}

/** The time of the local stack, epoch milliseconds. */
export const stackTime = async (client: Client): Promise<number> =>
  Date.parse((await client.expect<{ now: string }>([200], "GET", "/local/clock")).now);
