/** What is there now, or will be: JSONPath is evaluated at once, JSONata takes time. Waiting costs, so nobody waits for what is there. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value, at once if it is there. */
export const andThen = <T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> =>
  value instanceof Promise ? value.then(next) : next(value);

/** `try` and `catch` around what may end later. */
export function rescued<T>(body: () => T, failed: (error: unknown) => T): T {
  try {
    const value = body();
    return value instanceof Promise ? (value.catch(failed) as T) : value;
  } catch (error) {
    return failed(error);
  }
}
