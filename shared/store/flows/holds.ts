import type { HoldSet } from "../../model/holds/keeps.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

/** The copy of a flow's holds and caps. It is small, since every gate reads it. */
export interface HoldItem extends HoldSet {
  readonly incarnation: string;
  readonly mode: "queue" | "reject";
  readonly epoch: number;
  readonly caps: Caps;
  /** Absent: a run whose step fails for good becomes `failed`. */
  readonly onFailure?: "pause";
  /** See `FlowItem`. */
  readonly errorsEra?: number;
}

/** Reads hold items, strongly consistent. */
export class HoldStore extends TableStore {
  /** Returns undefined if the flow is deleted. */
  async get(workspace: string, flowId: string, incarnation: string): Promise<HoldItem | undefined> {
    const item = await this.table.get(keys.hold(workspace, flowId, incarnation));
    return item as HoldItem | undefined;
  }
}
