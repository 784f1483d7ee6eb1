export interface Concurrency {
  readonly concurrency: number;
  /** Called before each item is started, with the item's index. Once it returns false, no more items are started. */
  readonly mayContinue?: (index: number) => boolean | Promise<boolean>;
}

/**
 * Calls `work` for the items in order, with at most `concurrency` calls in progress. After a failure, no further item is
 * started; once all started items have settled, the first failure is thrown. (p-map and similar libraries reject while work is
 * still running.)
 */
export const forEachConcurrent = async <T>(
  items: Iterable<T> | AsyncIterable<T>,
  { concurrency, mayContinue = () => true }: Concurrency,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> => {
  const source: Iterator<T> | AsyncIterator<T> =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const failures: unknown[] = [];
  let taken = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    try {
      while (!stopped) {
        const next = await source.next();
        if (next.done === true || stopped) return;
        const index = taken;
        taken += 1;
        if (await mayContinue(index)) await work(next.value, index);
        else stopped = true;
      }
    } catch (error) {
      stopped = true;
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length > 0) throw failures[0];
};

/** Takes one item of each source in turn until all are exhausted, so that a long source does not hold up the others. */
export async function* roundRobin<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  let open = [...sources];
  while (open.length > 0) {
    const remaining: AsyncGenerator<T>[] = [];
    for (const source of open) {
      const next = await source.next();
      if (next.done === true) continue;
      remaining.push(source);
      yield next.value;
    }
    open = remaining;
  }
}
