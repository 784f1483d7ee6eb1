/**
 * The one table: its keys and indexes. Infrastructure creates it from here, on AWS and on the local stack alike.
 * Indexes are sharded by a hash of the run, since a busy flow or `completed` is a hot key and a throttled index throttles the table.
 * They may lag; no protocol depends on one.
 */
export const KEY = { partition: "PK", sort: "SK" } as const;

/** Time to live, epoch seconds. Tidiness only: no protocol depends on it. */
export const TTL_ATTRIBUTE = "ttl";

export interface IndexDefinition {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
  /** Attributes beside the keys. Only what changes with the status, or every step would be billed once more. */
  readonly include: readonly string[];
}

export const INDEXES = {
  /** Runs of a flow by time. Nothing in it changes while a run lives, so no change of a status is billed for it. */
  byFlow: { name: "byFlow", partition: "flowKey", sort: "timeKey", include: [] },
  /** Runs of a workspace by status and time. */
  byStatus: { name: "byStatus", partition: "statusKey", sort: "timeKey", include: ["flowId", "startedBy"] },
  /** Sparse: whatever has an intent, an end or a deadline, by when it is due; what is to be tidied up, apart. */
  due: { name: "due", partition: "dueKey", sort: "due", include: [] },
  /** Sparse: paused and failed runs, and apart from them waiting ones, by when they became so. */
  attention: {
    name: "attention",
    partition: "attentionKey",
    sort: "attentionSince",
    include: ["status", "flowId", "startedBy", "timeKey"],
  },
} as const satisfies Record<string, IndexDefinition>;

/** Shards of every index. Fixed for the life of a table. */
export const INDEX_SHARDS = 4;
