/** Callers that wait for the end of an execution. */
export class Endings {
  readonly #waiting = new Map<string, () => void>();
  #closed = false;

  /** Resolves when the execution has ended, or the service closes. */
  async of(executionArn: string, hasEnded: () => boolean): Promise<void> {
    if (this.#closed || hasEnded()) return;
    await new Promise<void>((resolve) => this.#waiting.set(executionArn, resolve));
  }

  reached(executionArn: string): void {
    this.#waiting.get(executionArn)?.();
    this.#waiting.delete(executionArn);
  }

  close(): void {
    this.#closed = true;
    for (const executionArn of [...this.#waiting.keys()]) this.reached(executionArn);
  }
}
