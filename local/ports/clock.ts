/** The stack's clock: real time plus an offset that only grows. All times are epoch milliseconds. */
export interface Clock {
  now(): number;
  /**
   * Calls `fire` once, when the clock reaches `at`. If it has already done so, `fire` is called soon, but never synchronously.
   * When the clock advances past several timers, they fire in order of `at`, each after the effects of the previous one have
   * settled.
   */
  schedule(at: number, fire: () => void | Promise<void>, options?: TimerOptions): TimerHandle;
}
export interface TimerOptions {
  /** For a recurring timer: if it comes due while the clock is being advanced, it fires once, at the end. */
  readonly atEndOfMove?: boolean;
}
export interface TimerHandle {
  cancel(): void;
}

/**
 * Counts the work in progress, so that advancing the clock can wait for it. An execution that waits for a timer or a task token is
 * not work.
 */
export interface Activity {
  /** Starts a piece of work; the function that it returns ends it. Further calls of that function have no effect. */
  begin(): () => void;
}
