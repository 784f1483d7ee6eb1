import { setImmediate as nextTurn } from "node:timers/promises";
import type { Activity } from "../ports/clock.ts";

/** Settling waits this long, in real milliseconds, for work that makes no progress (a user's function may run for minutes). */
const PATIENCE_MS = 2_000;
/** ... and this long in all, for a flow that never comes to rest. */
const TOTAL_MS = 60_000;

/** Counts the work that is going on; `quiet` resolves once there is none. */
export class ActivityCounter implements Activity {
  readonly #patience: number;
  readonly #awaited = new Set<object>();
  readonly #atRest: (() => boolean)[] = [];
  #changes = 0;
  #wake: (() => void) | undefined;

  /** @param patience for work that makes no progress, milliseconds of real time */
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

  /** Pieces of work under way. */
  get count(): number {
    return this.#awaited.size;
  }

  /**
   * Work that is put off to be done together. `begin` is called when all else has come to rest and somebody waits for it: it begins
   * that work at once, and says whether there was any.
   */
  atRest(begin: () => boolean): void {
    this.#atRest.push(begin);
  }

  /** Resolves when nothing is going on, or when what goes on has made no progress for too long: that is not waited for again. */
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
