import type { RunStatus } from "../../model/transitions.ts";
import type { Item } from "../keys.ts";
import { indexKeys } from "../keys.ts";
import type { Table } from "../table.ts";
import { INDEXES, SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

/** A failed run, or one that an error paused, as the index of failures projects it. It may lag behind the run. */
export interface IndexedFailure {
  readonly failureId: string;
  /** When it failed. ISO 8601. */
  readonly at: string;
  readonly runId: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly startedBy: RunItem["startedBy"];
}

export interface AskedFailures {
  readonly flowId?: string | undefined;
  /** Leaves out failures before this time (ISO 8601). */
  readonly since?: string | undefined;
}

/** A range of sort keys. Both ends are inclusive. */
interface Range {
  readonly first: string;
  readonly last: string;
}
const ALL: Range = { first: "0", last: "~" };
/** The character after `.`, which separates a flow's id from the rest of the group's. */
const AFTER_DOT = "/";
/** The character after `#`, which separates the parts of a sort key. */
const AFTER_HASH = "$";

/** Returns a source of entries for each shard of the index. Entries of one group follow each other, oldest first. */
export const failureEntries = (
  table: Table,
  workspace: string,
  { flowId, since }: AskedFailures,
): AsyncGenerator<IndexedFailure>[] => {
  const range = flowId === undefined ? ALL : { first: `${flowId}.`, last: `${flowId}${AFTER_DOT}` };
  return SHARDS.map((shard) => {
    const partition = indexKeys.failures(workspace, shard);
    return since === undefined
      ? entriesIn(table, partition, range)
      : entriesSince(table, partition, range, since);
  });
};

async function* entriesIn(
  table: Table,
  partition: string,
  range: Range,
  limit?: number,
): AsyncGenerator<IndexedFailure> {
  const items = table.query({
    index: INDEXES.byFailure.name,
    key: {
      text: "failureKey = :partition AND failureAt BETWEEN :first AND :last",
      values: { ":partition": partition, ":first": range.first, ":last": range.last },
    },
    ...(limit === undefined ? {} : { limit }),
  });
  for await (const item of items) yield entryOf(item);
}

/** Skips the older entries of each group unread: finds the next group by its first entry, and reads on at the time within it. */
async function* entriesSince(
  table: Table,
  partition: string,
  { first, last }: Range,
  since: string,
): AsyncGenerator<IndexedFailure> {
  for (let next = first; ; ) {
    const failureId = await nextGroup(table, partition, { first: next, last });
    if (failureId === undefined) return;
    const end = `${failureId}${AFTER_HASH}`;
    yield* entriesIn(table, partition, { first: indexKeys.failure(failureId, since), last: end });
    next = end;
  }
}

const nextGroup = async (table: Table, partition: string, range: Range): Promise<string | undefined> => {
  for await (const { failureId } of entriesIn(table, partition, range, 1)) return failureId;
  return undefined;
};

const entryOf = (item: Item): IndexedFailure => {
  const [failureId = "", at = "", runId = ""] = String(item["failureAt"]).split("#");
  const { status, version, startedBy } = item as Pick<IndexedFailure, "status" | "version" | "startedBy">;
  return { failureId, at, runId, status, version, startedBy };
};
