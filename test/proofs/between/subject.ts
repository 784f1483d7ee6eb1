import type { TriggerEvent } from "../../../shared/outbound/ports.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import type { HoldHarness } from "../../harness/domain/hold-harness.ts";

/** A flow and a run of it, as they were when the situation was prepared. */
export interface Subject {
  readonly harness: HoldHarness;
  readonly flow: FlowItem;
  readonly run: RunItem;
  /** The event of the schedule of the flow's trigger, if it had one. */
  readonly event: TriggerEvent | undefined;
}
export type Change = (subject: Subject) => Promise<unknown>;
