import type { HoldKind } from "../model/holds.ts";

/** What a schedule hands to its function: which hold it is meant for. */
export interface HoldEvent {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly kind: HoldKind;
  readonly holdId: string;
  /** How many events for this hold came too early before. */
  readonly tries: number;
}

/** What the domain asks of EventBridge Scheduler: one-time schedules, each for one hold. */
export interface Schedules {
  /** Calls for the end of the hold, not before `at` (epoch milliseconds). One that exists is taken for the same. */
  createEnd(event: HoldEvent, at: number): Promise<void>;
  /** Calls for the warning before that end. */
  createWarning(event: HoldEvent, at: number): Promise<void>;
  /** Both of the hold; those that are gone count as deleted. */
  delete(holdId: string): Promise<void>;
}
