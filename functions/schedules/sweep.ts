import * as z from "zod";
import { sweep } from "../../shared/domain/sweep/sweep.ts";
import { backgroundHandler } from "../middleware/background.ts";

/** Bounds one tick's work well below the function's five minutes; what is left is still overdue at the next. */
const LIMITS = {
  perShard: 250,
  concurrency: 10,
  budgetMs: 120_000,
  tidy: { budgetMs: 45_000, concurrency: 20 },
};

/** Called every minute. */
export const handler = backgroundHandler("sweep", z.unknown(), (deps) => sweep(deps, LIMITS));
