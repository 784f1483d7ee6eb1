import { shardOf } from "../../model/ids.ts";
import { type Item, type ItemKey, indexKeys, keys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

/** Returns the keys of the items by which the run is found: one for each of its attributes. */
export const attributeKeys = (run: RunItem): ItemKey[] => {
  const shard = shardOf(run.runId, INDEX_SHARDS);
  const position = indexKeys.time(run.createdAt, run.runId);
  return Object.entries(run.attributes ?? {}).map(([name, value]) =>
    keys.attribute(run.workspace, { name, value }, shard, position),
  );
};

/** Returns these items. They have what never changes of a run, so that most filters need not read it. */
export const attributeItems = (run: RunItem): (Item & ItemKey)[] => {
  const { flowId, startedBy } = run;
  return attributeKeys(run).map((key) => ({ ...key, flowId, startedBy }));
};
