import { allItems } from "../../../shared/client/pages.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { MAX_BATCH_RECORDS, MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Caps, Flow } from "../../../shared/model/schemas/flow.ts";
import type { AuditItem, Run } from "../../../shared/model/schemas/run.ts";
import { type Answer, type Client, eventually } from "./client.ts";

/** Calls of the public API for one flow. */
export class FlowClient {
  readonly flowId: string;
  readonly #client: Client;

  constructor(client: Client, flowId: string) {
    this.#client = client;
    this.flowId = flowId;
  }

  now(): Promise<Flow> {
    return this.#client.api.getFlow({ flowId: this.flowId });
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
    const { flowId } = this;
    return (await this.#client.api.listFlowAudit({ flowId, query: { limit: MAX_PAGE } })).items;
  }
  dispatch(payload: Json): Promise<Run> {
    return this.#client.dispatch(this.flowId, payload);
  }

  /** Dispatches records in batches, one after the other; every record must be accepted. */
  async dispatchAll(payloads: readonly Json[]): Promise<Run[]> {
    const runs: Run[] = [];
    for (let from = 0; from < payloads.length; from += MAX_BATCH_RECORDS) {
      const records = payloads.slice(from, from + MAX_BATCH_RECORDS).map((payload) => ({ payload }));
      const { results } = await this.#client.api.dispatchBatch({ flowId: this.flowId, body: { records } });
      for (const { status, run } of results) {
        if (status !== 202 || run === undefined) throw new Error(`A record of the batch got ${status}`);
        runs.push(run);
      }
    }
    return runs;
  }

  /** All runs of the flow, oldest first. */
  async runs(): Promise<Run[]> {
    const { flowId } = this;
    const runs = await allItems((cursor) =>
      this.#client.api.listRuns({ query: { flowId, limit: MAX_PAGE, cursor } }),
    );
    return runs.toReversed();
  }

  /** The number of runs in each status. */
  async census(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { status } of await this.runs()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** Polls until the flow meets the condition; after `seconds` of real time, throws with the current flow. */
  until(wanted: (flow: Flow) => boolean, seconds = 15): Promise<Flow> {
    let flow: Flow | undefined;
    return eventually(
      async () => {
        flow = await this.now();
        return wanted(flow) ? flow : undefined;
      },
      seconds,
      () => `The flow is not as expected: ${JSON.stringify(flow)}`,
    );
  }

  /** Polls until there is exactly the given number of runs in each status. */
  async untilCensus(wanted: Record<string, number>, seconds = 30): Promise<void> {
    let census: Record<string, number> = {};
    await eventually(
      async () => {
        census = await this.census();
        const names = new Set([...Object.keys(census), ...Object.keys(wanted)]);
        return [...names].every((name) => (census[name] ?? 0) === (wanted[name] ?? 0)) || undefined;
      },
      seconds,
      () => `The runs of ${this.flowId} are ${JSON.stringify(census)}`,
    );
  }
}

/** The local stack's time in epoch milliseconds. */
export const stackTime = async (client: Client): Promise<number> =>
  Date.parse((await client.expect<{ now: string }>([200], "GET", "/local/clock")).now);
