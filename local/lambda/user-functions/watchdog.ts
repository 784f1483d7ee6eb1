interface Watched {
  /** Sends a ping, which the thread answers unless synchronous code blocks it. */
  ping(): void;
  isIdle(): boolean;
  /** Called once, when no ping has been answered for that time. */
  blocked(): void;
}

/** Detects that synchronous code blocks a thread. */
export class Watchdog {
  readonly #watched: Watched;
  readonly #patience: number;
  #timer: NodeJS.Timeout | undefined;
  #asked: number | undefined;
  #online = false;
  isBlocked = false;

  /** @param patience milliseconds */
  constructor(patience: number, watched: Watched) {
    this.#patience = patience;
    this.#watched = watched;
  }

  /** The thread is running, and can answer from now on. */
  online(): void {
    this.#online = true;
  }

  /** Watches until the thread is idle. */
  watch(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#patience / 3).unref();
  }

  answered(): void {
    this.#asked = undefined;
    this.isBlocked = false;
  }

  /** Asks whether the thread answers; calls `silent` if it does not. */
  probe(silent: () => void): void {
    this.#ask();
    setTimeout(() => {
      if (this.#asked !== undefined && this.#timer !== undefined) silent();
    }, this.#patience).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#asked = undefined;
  }

  #ask(): void {
    this.#asked = performance.now();
    this.#watched.ping();
  }

  #look(): void {
    if (this.#watched.isIdle()) this.stop();
    else if (this.#asked === undefined) {
      if (this.#online) this.#ask();
    } else if (!this.isBlocked && performance.now() - this.#asked > this.#patience) {
      this.isBlocked = true;
      this.#watched.blocked();
    }
  }
}
