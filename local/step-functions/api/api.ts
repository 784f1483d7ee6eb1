import type { Clock } from "../../ports/clock.ts";
import type { Engine } from "../runner/frame-runner.ts";
import type { Journal } from "../store/database.ts";
import type { Stores } from "../store/index.ts";
import type { Arns } from "./arns.ts";
import type { Parameters } from "./parameters.ts";

/** What the operations work with. */
export interface Api {
  readonly stores: Stores;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly arns: Arns;
}

/** One operation: synchronous, one unit of the journal. Its answer leaves when the unit is committed. */
export type Operation = (api: Api, parameters: Parameters) => Record<string, unknown>;

/** Timestamps of the JSON protocol are epoch seconds with a fraction. */
export const seconds = (at: number): number => at / 1000;
