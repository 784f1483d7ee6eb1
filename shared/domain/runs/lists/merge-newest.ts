import type { Item } from "../../../store/keys.ts";
import type { IndexedRun, RunIndex, RunSource, TimeRange } from "../../../store/runs/run-index.ts";

/** Reads of the index that one request may cost at most; a page that it cuts short carries on with its cursor. */
const MAX_PAGES = 200;
const SMALLEST_PAGE = 10;
const MAX_PAGE = 100;

/** One source on its way: what is read and not yet used, newest first. */
interface Head {
  readonly source: RunSource;
  buffer: IndexedRun[];
  next: Item | undefined;
  reads: number;
}
const isDry = (head: Head): boolean => head.reads > 0 && head.next === undefined && head.buffer.length === 0;

/**
 * Runs of many sources, newest first, each once: a k-way merge that reads on in a source only when its buffer is used up.
 * `exhausted` tells a real end from the budget's.
 */
export class NewestFirst {
  readonly #index: RunIndex;
  readonly #range: TimeRange;
  readonly #pageSize: number;
  readonly #heads: Head[];
  #pages = 0;
  #last: string | undefined;

  constructor(index: RunIndex, sources: readonly RunSource[], range: TimeRange, wanted: number) {
    this.#index = index;
    this.#range = range;
    // Twice an even share of what is wanted; the merge reads on where a source has more.
    this.#pageSize = Math.max(SMALLEST_PAGE, Math.ceil((2 * wanted) / sources.length));
    this.#heads = sources.map((source) => ({ source, buffer: [], next: undefined, reads: 0 }));
  }

  /** Nothing is left in any source. */
  get exhausted(): boolean {
    return this.#heads.every(isDry);
  }

  /** The budget is used up: what is left is for the next request. */
  get spent(): boolean {
    return this.#pages >= MAX_PAGES;
  }

  /** The next run; undefined at the end, or where the budget ends before the order of what is left is known. */
  async next(): Promise<IndexedRun | undefined> {
    for (;;) {
      const empty = this.#heads.filter((head) => head.buffer.length === 0 && !isDry(head));
      if (empty.length > 0) {
        if (this.spent) return undefined;
        await Promise.all(empty.map((head) => this.#read(head)));
        continue;
      }
      const newest = this.#heads
        .filter((head) => head.buffer.length > 0)
        .reduce<Head | undefined>((best, head) => (timeOf(head) > timeOf(best) ? head : best), undefined);
      const run = newest?.buffer.shift();
      // A run that has just changed its status may stand under both.
      if (run === undefined || run.position !== this.#last) {
        this.#last = run?.position;
        return run;
      }
    }
  }

  async #read(head: Head): Promise<void> {
    this.#pages += 1;
    // Whoever reads on here finds little that they want: larger pages then cost fewer of the calls allowed.
    const size = Math.min(this.#pageSize * 2 ** head.reads, Math.max(this.#pageSize, MAX_PAGE));
    const { runs, next } = await this.#index.page(head.source, this.#range, size, head.next);
    head.buffer.push(...runs);
    head.next = next;
    head.reads += 1;
  }
}

const timeOf = (head: Head | undefined): string => head?.buffer[0]?.position ?? "";
