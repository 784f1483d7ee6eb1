import { setTimeout as sleep } from "node:timers/promises";

const MIN_WAIT_MS = 200;
const MAX_WAIT_MS = 2_000;

/** The time between two polls: short after a change, longer while nothing changes. */
export class Pace {
  #wait = MIN_WAIT_MS;

  /** @returns false if the wait was interrupted */
  async next(changed: boolean, interrupted?: AbortSignal): Promise<boolean> {
    this.#wait = changed ? MIN_WAIT_MS : Math.min(MAX_WAIT_MS, this.#wait * 1.5);
    try {
      await sleep(this.#wait, undefined, interrupted === undefined ? {} : { signal: interrupted });
      return true;
    } catch {
      return false;
    }
  }
}
