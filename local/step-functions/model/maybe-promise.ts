/**
 * A value, or a promise of one: JSONPath is evaluated synchronously, JSONata is not. Values are passed on without `await`, so
 * that a state without JSONata completes in one turn of the event loop.
 */
export type MaybePromise<T> = T | Promise<T>;

/** Continues with a value, synchronously if it is not a promise. */
export const andThen = <T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> => (value instanceof Promise ? value.then(next) : next(value));

/** Returns `body`'s value, or `recover`'s if it throws or rejects. */
export function withRecovery<T>(body: () => T, recover: (error: unknown) => T): T {
  try {
    const value = body();
    return value instanceof Promise ? (value.catch(recover) as T) : value;
  } catch (error) {
    return recover(error);
  }
}
