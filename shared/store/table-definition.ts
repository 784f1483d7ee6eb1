/**
 * The keys and indexes of the one table. Both the CDK app and the local stack create it from here. Indexes are sharded by a
 * hash of the run's id: a busy flow, or the status `completed`, is a hot key, and a throttled index throttles the table.
 * Indexes may lag; no protocol depends on one.
 */
export const KEY = { partition: "PK", sort: "SK" } as const;

/** Time to live, in epoch seconds. It only saves storage; no protocol depends on it. */
export const TTL_ATTRIBUTE = "ttl";

export interface IndexDefinition {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
  /**
   * Attributes other than the keys. Only those that change with the status: with any other, each step would be billed for an
   * index write.
   */
  readonly include: readonly string[];
}

export const INDEXES = {
  /** Runs of a flow by time. Its attributes never change during a run, so no status change is billed for it. */
  byFlow: { name: "byFlow", partition: "flowKey", sort: "timeKey", include: [] },
  /** Runs of a workspace by status and time. */
  byStatus: { name: "byStatus", partition: "statusKey", sort: "timeKey", include: ["flowId", "startedBy"] },
  /**
   * Sparse: everything with an intent, a planned end or a deadline, by due time. Ended runs and tombstones are in separate
   * partitions.
   */
  due: { name: "due", partition: "dueKey", sort: "due", include: [] },
  /** Sparse: paused and failed runs, waiting runs and open human steps, by the time at which they took that status. */
  attention: {
    name: "attention",
    partition: "attentionKey",
    sort: "attentionSince",
    include: ["status", "flowId", "startedBy", "timeKey"],
  },
  /** Sparse: runs that are failed or paused by an error, by the group of their failure and its time. */
  byFailure: {
    name: "byFailure",
    partition: "failureKey",
    sort: "failureAt",
    include: ["status", "version", "startedBy"],
  },
} as const satisfies Record<string, IndexDefinition>;

/** Shards of every index. Fixed for the life of a table. */
export const INDEX_SHARDS = 4;
export const SHARDS: readonly number[] = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);
