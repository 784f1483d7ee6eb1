import type { Actor } from "../../model/actor.ts";
import type { HoldKind } from "../../model/holds.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

/** A reason why a flow is held. */
export interface Hold {
  /** Never used again. Everything that belongs to this hold alone has its id. */
  readonly id: string;
  readonly since: string;
  readonly by: Actor;
  readonly reason?: string;
  /** When it lifts by itself. ISO 8601. */
  readonly resumeAt?: string;
}
export type Holds = Readonly<Partial<Record<HoldKind, Hold>>>;

/** The copy of a flow's holds and caps. It is small, since every gate reads it. */
export interface HoldItem {
  readonly incarnation: string;
  readonly holds: Holds;
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

/** Returns the ids of the holds; undefined without any. */
export const holdIdsOf = (hold: Pick<HoldItem, "holds"> | undefined): readonly string[] | undefined =>
  isHeld(hold) ? Object.values(hold?.holds ?? {}).flatMap((one) => one?.id ?? []) : undefined;

export const isHeld = (hold: Pick<HoldItem, "holds"> | undefined): boolean =>
  hold !== undefined && Object.values(hold.holds).some((one) => one !== undefined);
