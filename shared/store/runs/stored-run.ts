import { shardOf } from "../../model/ids.ts";
import type { Item } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import { packEntry, unpackEntry } from "./audit.ts";
import { indexAttributes } from "./index-attributes.ts";
import type { RunItem } from "./run-item.ts";

/** Attributes that are stored under their names from earlier releases. */
export const STORED_NAMES = {
  recentAudit: "trail",
  historyBudget: "headroom",
  continuedFrom: "goesOnFrom",
  neverParked: "unparked",
  queuedAtDispatch: "arrivedHeld",
} as const satisfies Partial<Record<keyof RunItem, string>>;
const FIELDS = Object.fromEntries(Object.entries(STORED_NAMES).map(([field, name]) => [name, field]));

export const storedName = (field: string): string =>
  Object.hasOwn(STORED_NAMES, field) ? STORED_NAMES[field as keyof typeof STORED_NAMES] : field;

/** Returns fields of a run under the names that the table stores, with packed audit entries. */
export const storedFields = ({ recentAudit, ...fields }: Partial<RunItem>): Item => ({
  ...Object.fromEntries(Object.entries(fields).map(([field, value]) => [storedName(field), value])),
  ...(recentAudit === undefined ? {} : { [STORED_NAMES.recentAudit]: recentAudit.map(packEntry) }),
});

/** Returns the whole item of a new run. It omits values that its keys contain, since each step is billed by the item's size. */
export const newItem = (run: RunItem): Item & { PK: string; SK: string } => {
  const { runId, workspace, createdAt, ...rest } = run;
  return {
    ...keys.run(workspace, runId),
    ...storedFields(rest),
    ...indexAttributes(run),
    flowKey: indexKeys.byFlow(workspace, run.flowId, shardOf(runId, INDEX_SHARDS)),
    timeKey: indexKeys.time(createdAt, runId),
  };
};

const KEY_ATTRIBUTES: ReadonlySet<string> = new Set([
  "PK",
  "SK",
  "flowKey",
  "timeKey",
  "statusKey",
  "attentionKey",
  "attentionSince",
  "failureKey",
  "failureAt",
  "dueKey",
  "due",
  "ttl",
]);

/** Reads a run from its stored item. */
export const runItemOf = (item: Item): RunItem => {
  const [, workspace, , runId] = String(item["PK"]).split("#");
  // A tombstone is in no list, so it stores its time itself.
  const createdAt = item["createdAt"] ?? String(item["timeKey"]).split("#")[0];
  const run: Item = { workspace, runId, createdAt };
  for (const [name, value] of Object.entries(item)) {
    if (!KEY_ATTRIBUTES.has(name)) run[FIELDS[name] ?? name] = value;
  }
  run["recentAudit"] = ((item["trail"] ?? []) as readonly unknown[]).map(unpackEntry);
  return run as unknown as RunItem;
};
