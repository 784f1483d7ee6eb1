import { digest } from "../../model/ids.ts";
import { TableStore } from "../table.ts";

const KEPT_SECONDS = 90 * 86_400;

/** Idempotency keys of dispatch batches. The keys of the single records are derived from them. */
export class BatchKeyStore extends TableStore {
  /** Returns false if the key was used with another body. `scope`: caller, flow and key. `now`: epoch milliseconds. */
  async claim(workspace: string, scope: readonly string[], bodyHash: string, now: number): Promise<boolean> {
    const key = { PK: `W#${workspace}`, SK: `BATCH#${digest("batch", ...scope)}` };
    const ttl = Math.ceil(now / 1000) + KEPT_SECONDS;
    if (await this.table.putIfAbsent({ ...key, bodyHash, ttl })) return true;
    return (await this.table.get(key))?.["bodyHash"] === bodyHash;
  }
}
