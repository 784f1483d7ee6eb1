import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { AuditItem } from "../../model/schemas/run.ts";
import type { FlowItem } from "../flows/flow-item.ts";
import { flowItemOf } from "../flows/flow-item.ts";
import type { Item } from "../keys.ts";
import type { AuditEntry, RunItem } from "../runs/run-item.ts";
import { runItemOf } from "../runs/stored-run.ts";

type Image = Readonly<Record<string, unknown>>;

/** One write of an item, as the table's stream delivers it. Images are in DynamoDB JSON. */
export interface StreamRecord {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys: Image;
    readonly NewImage?: Image | undefined;
    /** For a run, at least `rev`. */
    readonly OldImage?: Image | undefined;
  };
}

/** A stored change that is published as events. */
export type StoredChange =
  | { readonly kind: "run"; readonly run: RunItem; readonly entries: readonly AuditEntry[] }
  | {
      readonly kind: "flow";
      readonly workspace: string;
      readonly flowId: string;
      readonly incarnation: string;
      readonly entry: AuditItem;
    }
  | { readonly kind: "flow-deleted"; readonly flow: FlowItem };

/**
 * Returns the status changes of one write. The run item contains its newest audit entries, so those newer than the old image
 * belong to this write. A write may have several, and a write that changes only other attributes has none.
 */
export const changeOf = ({ eventName, dynamodb }: StreamRecord): StoredChange | undefined => {
  const sort = textOf(dynamodb.Keys["SK"]);
  if (sort === "RUN" && dynamodb.NewImage !== undefined) {
    const run = runItemOf(item(dynamodb.NewImage));
    const before = Number(item(dynamodb.OldImage)["rev"] ?? 0);
    const entries = run.recentAudit.filter(({ rev }) => rev > before);
    return entries.length === 0 ? undefined : { kind: "run", run, entries };
  }
  if (sort.startsWith("A#") && eventName === "INSERT" && dynamodb.NewImage !== undefined) {
    const { PK, SK, flowId, ...entry } = item(dynamodb.NewImage);
    if (flowId === undefined) return undefined; // a run's
    const [, workspace = ""] = String(PK).split("#");
    const [, incarnation = ""] = String(SK).split("#");
    return {
      ...{ kind: "flow", workspace, flowId: String(flowId), incarnation },
      entry: entry as unknown as AuditItem,
    };
  }
  if (sort === "FLOW" && eventName === "REMOVE") {
    return { kind: "flow-deleted", flow: flowItemOf(item(dynamodb.OldImage)) };
  }
  return undefined;
};

const item = (image: Image | undefined): Item =>
  image === undefined ? {} : unmarshall(image as Parameters<typeof unmarshall>[0]);

const textOf = (value: unknown): string => String((value as { S?: unknown } | undefined)?.S ?? "");
