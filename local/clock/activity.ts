import { setImmediate as nextTurn } from "node:timers/promises";
import type { Activity } from "../ports/clock.ts";

/** Real milliseconds to wait for work that makes no progress, such as a user's function that runs for minutes. */
const PATIENCE_MS = 2_000;
/** Real milliseconds to wait in total, for a flow that never becomes idle. */
const TOTAL_MS = 60_000;

/** Counts the work in progress; `quiet` resolves when there is none. */
export class ActivityCounter implements Activity {
  readonly #patience: number;
  readonly #awaited = new Set<object>();
  readonly #atRest: (() => boolean)[] = [];
  #changes = 0;
  #wake: (() => void) | undefined;

  /** @param patience milliseconds of real time to wait for work that makes no progress */
  constructor(patience = PATIENCE_MS) {
    this.#patience = patience;
  }

  begin(): () => void {
    const work = {};
    this.#awaited.add(work);
    this.#changed();
    return () => {
      if (this.#awaited.delete(work)) this.#changed();
    };
  }

  /** The number of pieces of work in progress. */
  get count(): number {
    return this.#awaited.size;
  }

  /**
   * Registers deferred work. When all other work is done and a caller waits for it, `begin` is called: it starts the
   * deferred work and returns whether there was any.
   */
  atRest(begin: () => boolean): void {
    this.#atRest.push(begin);
  }

  /** Resolves when no work is in progress, or when it has made no progress for too long; such work is not waited for again. */
  async quiet(): Promise<void> {
    const giveUpAt = performance.now() + TOTAL_MS;
    while (performance.now() < giveUpAt) {
      const before = this.#changes;
      if (this.#awaited.size === 0) {
        await nextTurn();
        await nextTurn();
        if (this.#changes !== before) continue;
        if (!this.#atRest.some((begin) => begin())) return;
      } else if (!(await this.#changesWithin(this.#patience))) {
        this.#awaited.clear();
        return;
      }
    }
  }

  #changed(): void {
    this.#changes += 1;
    this.#wake?.();
  }

  async #changesWithin(milliseconds: number): Promise<boolean> {
    let alarm: NodeJS.Timeout | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        this.#wake = () => resolve(true);
        alarm = setTimeout(() => resolve(false), milliseconds).unref();
      });
    } finally {
      this.#wake = undefined;
      clearTimeout(alarm);
    }
  }
}
