import type { TimerHandle } from "../ports/clock.ts";

export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly atEndOfMove: boolean;
  readonly fire: () => void | Promise<void>;
  cancelled: boolean;
}

/**
 * Timers in order of time, and of creation for equal times. They are sorted with the latest first, so that the next one is
 * popped from the end.
 */
export class TimerQueue {
  readonly #timers: Timer[] = [];
  #created = 0;

  add(at: number, fire: Timer["fire"], atEndOfMove: boolean): TimerHandle {
    this.#created += 1;
    const timer: Timer = { at, order: this.#created, atEndOfMove, fire, cancelled: false };
    this.#timers.splice(this.#position(timer), 0, timer);
    return { cancel: () => this.#cancel(timer) };
  }

  next(): Timer | undefined {
    return this.#timers.at(-1);
  }

  /** Removes and returns the next timer if it is due at `time`. */
  takeDue(time: number): Timer | undefined {
    const next = this.next();
    return next !== undefined && next.at <= time ? this.#timers.pop() : undefined;
  }

  clear(): void {
    this.#timers.length = 0;
  }

  #cancel(timer: Timer): void {
    timer.cancelled = true;
    const position = this.#position(timer);
    if (this.#timers[position] === timer) this.#timers.splice(position, 1);
  }

  /** The timer's index, or the index at which it belongs. */
  #position(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other !== undefined && isLater(other, timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isLater = (a: Timer, b: Timer): boolean => a.at > b.at || (a.at === b.at && a.order > b.order);
