import type { RequestOf } from "../../../shared/client/operations.ts";
import { allItems } from "../../../shared/client/pages.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Bulk, BulkResult } from "../../../shared/model/schemas/bulk.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type Client, eventually } from "./client.ts";
import { FlowClient } from "./flow-client.ts";

type StartBulk = RequestOf<"startBulkOperation">["body"] & { dryRun?: false };

/** Bulk operations through the public API. */
export class BulkClient {
  readonly #client: Client;
  constructor(client: Client) {
    this.#client = client;
  }

  start(body: StartBulk): Promise<Bulk> {
    return this.#client.api.startBulkOperation({ body });
  }
  now(bulkId: string): Promise<Bulk> {
    return this.#client.api.getBulkOperation({ bulkId });
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
  /** Waits until the operation has ended. */
  end(bulkId: string, seconds?: number): Promise<Bulk> {
    return this.until(bulkId, ({ endedAt }) => endedAt !== undefined, seconds);
  }
  async run(body: StartBulk, seconds?: number): Promise<{ bulk: Bulk; results: BulkResult[] }> {
    const { bulkId } = await this.start(body);
    const bulk = await this.end(bulkId, seconds);
    return { bulk, results: await this.results(bulkId) };
  }
  results(bulkId: string): Promise<BulkResult[]> {
    return allItems((cursor) =>
      this.#client.api.listBulkResults({ bulkId, query: { limit: MAX_PAGE, cursor } }),
    );
  }

  /** Dispatches `count` runs of a flow. */
  async dispatch(flowId: string, count: number): Promise<string[]> {
    const payloads = Array.from({ length: count }, (_, i) => ({ i }));
    const runs = await new FlowClient(this.#client, flowId).dispatchAll(payloads);
    return runs.map(({ runId }) => runId);
  }
  runs(filter: RequestOf<"listRuns">["query"] = {}): Promise<Run[]> {
    return allItems((cursor) => this.#client.api.listRuns({ query: { limit: MAX_PAGE, ...filter, cursor } }));
  }
  list(limit = MAX_PAGE): Promise<Bulk[]> {
    return allItems((cursor) => this.#client.api.listBulkOperations({ query: { limit, cursor } }));
  }
}
