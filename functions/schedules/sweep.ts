import * as z from "zod";
import { sweep } from "../../shared/domain/sweep/sweep.ts";
import type { EventDependencies } from "../dependencies/event-dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { backgroundHandler } from "../middleware/background.ts";

/** Keeps one sweep well below the function's timeout of five minutes. Whatever is left is still overdue at the next sweep. */
const LIMITS = {
  perShard: 250,
  concurrency: 10,
  budgetMs: 120_000,
  tidy: { budgetMs: 45_000, concurrency: 20 },
};

/** Creates the handler of the sweeper's schedule, which fires every minute. */
export const createSweepHandler = (deps: Ending<EventDependencies>) =>
  backgroundHandler({ name: "sweep", schema: z.unknown(), work: () => sweep(deps, LIMITS) }, deps);
