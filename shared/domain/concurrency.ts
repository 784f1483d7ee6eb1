export interface Concurrency {
  readonly concurrency: number;
  /** Asked before each item is taken; nothing new is started once it is false. */
  readonly mayContinue?: () => boolean | Promise<boolean>;
}

/**
 * Calls `work` for the items in their order, at most `concurrency` at a time. After a failure no further item is started; once
 * all that had been started has settled, the first failure is thrown. (p-map and its kind reject while work is still running.)
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
  const worker = async (): Promise<void> => {
    try {
      while (failures.length === 0 && (await mayContinue())) {
        const next = await source.next();
        if (next.done === true) return;
        taken += 1;
        await work(next.value, taken - 1);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length > 0) throw failures[0];
};

/** Takes one item of each source in turn until all are used up, so that a long source does not hold up the others. */
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
