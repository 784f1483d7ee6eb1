import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import type { Bulk, BulkResult } from "../../shared/model/schemas/bulk.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { type Client, eventually } from "./client.ts";

const BATCH = 100;
const PAGE = 200;

/** Bulk operations through the public API. */
export class BulkClient {
  readonly #client: Client;
  constructor(client: Client) {
    this.#client = client;
  }

  start(request: JsonObject): Promise<Bulk> {
    return this.#client.expect<Bulk>([202], "POST", "/bulk-operations", request);
  }
  now(bulkId: string): Promise<Bulk> {
    return this.#client.expect<Bulk>([200], "GET", `/bulk-operations/${bulkId}`);
  }
  stop(bulkId: string) {
    return this.#client.call<Bulk & JsonObject>("POST", `/bulk-operations/${bulkId}/stop`);
  }
  until(bulkId: string, wanted: (bulk: Bulk) => boolean, seconds = 60): Promise<Bulk> {
    return eventually(async () => {
      const bulk = await this.now(bulkId);
      return wanted(bulk) ? bulk : undefined;
    }, seconds);
  }
  /** Until it has ended, and nothing more is done. */
  end(bulkId: string, seconds?: number): Promise<Bulk> {
    return this.until(bulkId, ({ endedAt }) => endedAt !== undefined, seconds);
  }
  async run(request: JsonObject, seconds?: number): Promise<{ bulk: Bulk; results: BulkResult[] }> {
    const { bulkId } = await this.start(request);
    const bulk = await this.end(bulkId, seconds);
    return { bulk, results: await this.results(bulkId) };
  }
  results(bulkId: string): Promise<BulkResult[]> {
    return this.all<BulkResult>(`/bulk-operations/${bulkId}/results?limit=${PAGE}`);
  }

  /** Runs of a flow, dispatched by the hundred. */
  async dispatch(flowId: string, count: number): Promise<string[]> {
    const runIds: string[] = [];
    while (runIds.length < count) {
      const records = Array.from(
        { length: Math.min(BATCH, count - runIds.length) },
        (_, i): Json => ({
          payload: { i },
        }),
      );
      const answer = await this.#client.expect<{ results: { run?: Run }[] }>(
        [200],
        "POST",
        `/flows/${flowId}/runs/batch`,
        { records },
      );
      runIds.push(...answer.results.map(({ run }) => run?.runId ?? "refused"));
    }
    return runIds;
  }
  runs(query: string): Promise<Run[]> {
    return this.all<Run>(`/runs?limit=${PAGE}&${query}`);
  }

  /** Every page of a list. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const next = cursor === undefined ? "" : `&cursor=${cursor}`;
      const page = await this.#client.expect<{ items: T[]; nextCursor?: string }>([200], "GET", path + next);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return items;
  }
}
