import { setTimeout as sleep } from "node:timers/promises";

const QUICKEST_MS = 200;
const SLOWEST_MS = 2_000;

/** The time between two looks at something: quick after a change, slower the longer nothing happens. */
export class Pace {
  #wait = QUICKEST_MS;

  /** @returns false where the wait was interrupted */
  async next(changed: boolean, interrupted?: AbortSignal): Promise<boolean> {
    this.#wait = changed ? QUICKEST_MS : Math.min(SLOWEST_MS, this.#wait * 1.5);
    try {
      await sleep(this.#wait, undefined, interrupted === undefined ? {} : { signal: interrupted });
      return true;
    } catch {
      return false;
    }
  }
}
