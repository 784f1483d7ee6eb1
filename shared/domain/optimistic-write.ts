import type { Metrics } from "./deps.ts";

/**
 * Attempts before an operation gives up. Every conflict means that another writer succeeded, so the next attempt follows at
 * once: it starts from the current item, and a delay would only make it more outdated.
 */
const MAX_ATTEMPTS = 50;

/**
 * Repeats a read-decide-write cycle as long as its conditional write loses to a concurrent change.
 *
 * @param attempt does one cycle and returns its result, or `"conflict"`; its argument counts from 1.
 * @param exhausted creates the error that is thrown after the last conflict.
 */
export const retryOnConflict = async <T>(
  { metrics }: { readonly metrics: Metrics },
  attempt: (attempt: number) => Promise<T | "conflict">,
  exhausted: () => Error | Promise<Error>,
): Promise<T> => {
  for (let count = 1; count <= MAX_ATTEMPTS; count += 1) {
    const result = await attempt(count);
    if (result !== "conflict") return result as T;
    metrics.count("writeConflicts");
  }
  throw await exhausted();
};
