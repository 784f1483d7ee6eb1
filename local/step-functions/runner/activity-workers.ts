/** The service's long poll: milliseconds of real time. */
const POLL_MS = 60_000;

/** Workers that wait for a task of an activity. Waiting does not count as work in progress: the clock can be advanced. */
export class ActivityWorkers {
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /**
   * Tries to take a task whenever one is offered, until it gets one or the poll ends.
   * @param gone aborted when the worker no longer waits; it then takes no task
   */
  async poll(
    ask: () => Promise<Record<string, unknown>>,
    gone?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const giveUpAt = performance.now() + POLL_MS;
    for (;;) {
      if (gone?.aborted === true) return {};
      const answer = await ask();
      const left = giveUpAt - performance.now();
      if (answer["taskToken"] !== undefined || left <= 0 || this.#closed) return answer;
      await this.#offered(left, gone);
    }
  }

  #offered(milliseconds: number, gone: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(alarm);
        this.#waiting.delete(over);
        gone?.removeEventListener("abort", over);
        resolve();
      };
      const alarm = setTimeout(over, milliseconds);
      alarm.unref();
      this.#waiting.add(over);
      gone?.addEventListener("abort", over);
    });
  }

  wake(): void {
    for (const over of [...this.#waiting]) over();
  }

  close(): void {
    this.#closed = true;
    this.wake();
  }
}
