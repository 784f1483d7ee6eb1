import type { Clock } from "../../ports/clock.ts";
import type { FrameRunner } from "../runner/frame-runner.ts";
import type { Database } from "../store/database.ts";
import type { Stores } from "../store/index.ts";
import type { Arns } from "./arns.ts";
import type { Parameters } from "./parameters.ts";

/** Dependencies of the operations. */
export interface Api {
  readonly stores: Stores;
  readonly runner: FrameRunner;
  readonly database: Database;
  readonly clock: Clock;
  readonly arns: Arns;
}

/** A synchronous operation that runs in one transaction. Its answer is sent after the commit. */
export type Operation = (api: Api, parameters: Parameters) => Record<string, unknown>;

/** Timestamps of the JSON protocol are epoch seconds with a fraction. */
export const seconds = (at: number): number => at / 1000;
