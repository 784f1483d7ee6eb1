import { sweep } from "../../shared/domain/sweep.ts";
import { dependencies } from "../dependencies.ts";

/** Bounds one tick's work well below the function's time; what is left is still overdue at the next. */
const LIMITS = { perShard: 250, atOnce: 10 };

/** Called every minute. */
export const handler = async (): Promise<void> => {
  await sweep(dependencies(), LIMITS);
};
