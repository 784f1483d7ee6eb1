import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { AuditItem } from "../../model/schemas/run.ts";
import type { FlowItem } from "../flows/flow-item.ts";
import { flowItemOf } from "../flows/flow-item.ts";
import type { AuditEntry, RunItem } from "../runs/run-item.ts";
import { runItemOf } from "../runs/stored-run.ts";
import type { Item } from "../table.ts";

type Image = Readonly<Record<string, unknown>>;

/** One write of an item, as the table's stream tells it; images are in DynamoDB's own JSON. */
export interface StreamRecord {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys: Image;
    readonly NewImage?: Image | undefined;
    /** At least `rev` of a run. */
    readonly OldImage?: Image | undefined;
  };
}

/** What a write changed that others may want to hear of. */
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
 * The changes of status in one write. A run carries its newest entries in its own item, so those newer than the image before
 * are the write's own: several moves in one write are several entries, and a trim or a note beside the status is none.
 */
export const changeIn = ({ eventName, dynamodb }: StreamRecord): StoredChange | undefined => {
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
