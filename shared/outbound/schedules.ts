import type { HoldKind } from "../model/holds.ts";

/** The event that a schedule sends to its function: the hold that it is meant for. */
export interface HoldEvent {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly kind: HoldKind;
  readonly holdId: string;
  /** How many earlier events for this hold came too early. */
  readonly tries: number;
}

/** One-time schedules, each for one hold. */
export interface Schedules {
  /** Schedules the end of the hold, not before `at` (epoch milliseconds). An existing schedule stays. */
  createEnd(event: HoldEvent, at: number): Promise<void>;
  /** Schedules the warning before that end. */
  createWarning(event: HoldEvent, at: number): Promise<void>;
  /** Deletes both schedules of the hold. One that does not exist counts as deleted. */
  delete(holdId: string): Promise<void>;
}
