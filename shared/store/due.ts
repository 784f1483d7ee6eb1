import type { Table } from "./client.ts";
import { INDEX_SHARDS, INDEXES, indexKeys } from "./table.ts";

/** What the index of due things points at. */
export type DueThing =
  | { readonly kind: "run"; readonly workspace: string; readonly runId: string }
  | { readonly kind: "step"; readonly workspace: string; readonly runId: string; readonly stepId: string }
  | { readonly kind: "flow"; readonly workspace: string; readonly flowId: string };

const RUN = /^W#([^#]+)#R#([^#]+)$/;
const FLOW = /^W#([^#]+)#F#([^#]+)$/;

/** The sparse index of whatever has an intent, an end or a deadline. It may lag: read the item itself before acting. */
export class DueIndex {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** Overdue things at `now` (ISO 8601), the oldest of each shard first; at most `limit` of a shard. */
  async *overdue(now: string, limit: number): AsyncGenerator<DueThing> {
    for (let shard = 0; shard < INDEX_SHARDS; shard += 1) {
      let left = limit;
      for await (const item of this.#table.query({
        index: INDEXES.due.name,
        key: {
          text: "dueKey = :shard AND due <= :now",
          values: { ":shard": indexKeys.due(shard), ":now": now },
        },
        limit: Math.min(limit, 100),
      })) {
        const thing = dueThing(String(item["PK"]), String(item["SK"]));
        if (thing !== undefined) yield thing;
        left -= 1;
        if (left <= 0) break;
      }
    }
  }
}

/** Undefined for things of another kind, which another sweep redoes. */
const dueThing = (PK: string, SK: string): DueThing | undefined => {
  if (SK === "FLOW") {
    const [, workspace, flowId] = FLOW.exec(PK) ?? [];
    return workspace === undefined || flowId === undefined ? undefined : { kind: "flow", workspace, flowId };
  }
  const [, workspace, runId] = RUN.exec(PK) ?? [];
  if (workspace === undefined || runId === undefined) return undefined;
  if (SK === "RUN") return { kind: "run", workspace, runId };
  return SK.startsWith("S#") ? { kind: "step", workspace, runId, stepId: SK.slice(2) } : undefined;
};
