import type { Activity, Clock, TimerHandle } from "../ports/clock.ts";

interface Timer {
  readonly at: number;
  readonly fire: () => void | Promise<void>;
}

/**
 * A clock for cases and tests: time does not pass while work is in progress, and jumps to the next timer when there is none.
 * A sleep counts as work, but does not keep the clock from advancing.
 */
export class VirtualClock implements Clock, Activity {
  #now: number;
  #active = 0;
  #sleeping = 0;
  #timers: Timer[] = [];
  #quieter: (() => void)[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  schedule(at: number, fire: () => void | Promise<void>): TimerHandle {
    const timer = { at, fire };
    const later = this.#timers.findIndex((other) => other.at > at);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  begin(): () => void {
    let over = false;
    this.#active += 1;
    return () => {
      if (!over) this.#active -= 1;
      over = true;
      this.#wake();
    };
  }

  /** Must be awaited within an activity. */
  async sleep(milliseconds: number): Promise<void> {
    this.#sleeping += 1;
    this.#wake();
    await new Promise<void>((resolve) => this.schedule(this.#now + milliseconds, () => resolve()));
    this.#sleeping -= 1;
  }

  /** Resolves when nothing but sleeps is in progress. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      while (this.#active > this.#sleeping) {
        quiet = 0;
        await new Promise<void>((resolve) => this.#quieter.push(resolve));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#quieter.splice(0)) resolve();
  }

  /** Advances to the next timer, if it is due by `limit`, and waits until its effects have settled. */
  async step(limit = Number.POSITIVE_INFINITY): Promise<boolean> {
    await this.settled();
    const [timer] = this.#timers;
    if (!timer || timer.at > limit) return false;
    this.#timers.shift();
    this.#now = Math.max(this.#now, timer.at);
    await timer.fire();
    await this.settled();
    return true;
  }

  /** Advances by the given milliseconds and fires the timers that come due, in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    while (await this.step(end));
    this.#now = end;
  }
}
