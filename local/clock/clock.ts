import type { DatabaseSync } from "node:sqlite";
import type { Clock, TimerHandle, TimerOptions } from "../ports/clock.ts";
import type { ActivityCounter } from "./activity.ts";
import { type Timer, TimerQueue } from "./timer-queue.ts";

/** Node's setTimeout takes at most a signed 32-bit count of milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Stores the offset across restarts. */
export interface OffsetStore {
  load(): number;
  save(offset: number): void;
}

/** Real time plus an offset that only grows. */
export class StackClock implements Clock {
  readonly #activity: ActivityCounter;
  readonly #store: OffsetStore;
  readonly #log: (line: string) => void;
  readonly #timers = new TimerQueue();
  #offset: number;
  #latest = 0;
  #alarm: NodeJS.Timeout | undefined;
  #moving: Promise<unknown> | undefined;
  #closed = false;

  constructor(activity: ActivityCounter, store: OffsetStore, log: (line: string) => void) {
    this.#activity = activity;
    this.#store = store;
    this.#log = log;
    this.#offset = store.load();
  }

  /** Epoch milliseconds; never goes back, even if the machine's clock does. */
  now(): number {
    this.#latest = Math.max(this.#latest, Date.now() + this.#offset);
    return this.#latest;
  }

  schedule(at: number, fire: () => void | Promise<void>, options: TimerOptions = {}): TimerHandle {
    const handle = this.#timers.add(at, fire, options.atEndOfMove ?? false);
    this.#arm();
    return handle;
  }

  /**
   * Advances the clock by `milliseconds`. Timers that come due fire in order of time, each after the
   * effects of the previous one have settled. Resolves with the new time once everything has settled. Concurrent calls run one after another.
   */
  advance(milliseconds: number): Promise<number> {
    const move = (this.#moving ?? Promise.resolve()).then(() => this.#move(milliseconds));
    const settled = move
      .catch(() => undefined)
      .finally(() => {
        if (this.#moving === settled) this.#moving = undefined;
        this.#arm();
      });
    this.#moving = settled;
    return move;
  }

  close(): void {
    this.#closed = true;
    this.#timers.clear();
    clearTimeout(this.#alarm);
  }

  async #move(milliseconds: number): Promise<number> {
    clearTimeout(this.#alarm);
    await this.#activity.quiet();
    const target = this.now() + milliseconds;
    const atEnd: Timer[] = [];
    for (let timer = this.#timers.takeDue(target); timer; timer = this.#timers.takeDue(target)) {
      if (timer.atEndOfMove) {
        atEnd.push(timer);
        continue;
      }
      this.#setTo(timer.at);
      await this.#fireAndSettle(timer);
    }
    this.#setTo(target);
    for (const timer of atEnd) await this.#fireAndSettle(timer);
    return this.now();
  }

  async #fireAndSettle(timer: Timer): Promise<void> {
    this.#fire(timer);
    await this.#activity.quiet();
  }

  #fire(timer: Timer): void {
    if (timer.cancelled || this.#closed) return;
    const done = this.#activity.begin();
    void Promise.resolve()
      .then(timer.fire)
      .catch((error: unknown) => this.#log(`A timer failed: ${error instanceof Error ? error.stack : error}`))
      .finally(done);
  }

  #setTo(time: number): void {
    if (time <= this.now()) return;
    this.#offset = time - Date.now();
    this.#store.save(this.#offset);
  }

  #arm(): void {
    if (this.#moving !== undefined || this.#closed) return;
    clearTimeout(this.#alarm);
    const next = this.#timers.next();
    if (next === undefined) return;
    const wait = Math.min(Math.max(next.at - this.now(), 0), MAX_TIMEOUT_MS);
    this.#alarm = setTimeout(() => this.#ring(), wait).unref();
  }

  #ring(): void {
    if (this.#moving !== undefined) return;
    for (let timer = this.#timers.takeDue(this.now()); timer; timer = this.#timers.takeDue(this.now())) {
      this.#fire(timer);
    }
    this.#arm();
  }
}

/** Stores the clock's offset, so that time does not go back when the stack restarts. */
export function offsetStore(database: DatabaseSync): OffsetStore {
  database.exec(
    "CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset INTEGER NOT NULL) STRICT",
  );
  return {
    load: () => Number(database.prepare("SELECT offset FROM clock").get()?.["offset"] ?? 0),
    save: (offset) =>
      void database.prepare("INSERT OR REPLACE INTO clock (id, offset) VALUES (1, ?)").run(offset),
  };
}
