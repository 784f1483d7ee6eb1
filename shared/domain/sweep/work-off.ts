/** Works things off as they come, so many at the same time, while `more` says so; `work` takes its own failures. */
export const workOff = async <T>(
  things: AsyncGenerator<T>,
  atOnce: number,
  work: (thing: T) => Promise<void>,
  more: () => boolean = () => true,
): Promise<void> => {
  const worker = async (): Promise<void> => {
    while (more()) {
      const next = await things.next();
      if (next.done === true) return;
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

/** One of each source in turn, until all are used up: a long one does not keep the others back. */
export async function* inTurn<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  let open = [...sources];
  while (open.length > 0) {
    const still: AsyncGenerator<T>[] = [];
    for (const source of open) {
      const next = await source.next();
      if (next.done === true) continue;
      still.push(source);
      yield next.value;
    }
    open = still;
  }
}
