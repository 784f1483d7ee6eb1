import type { Item } from "../../../store/keys.ts";
import type { IndexedRun, RunIndex, RunSource, TimeRange } from "../../../store/runs/run-index.ts";

/** Maximum number of index reads per request. A page that ends at this limit continues with its cursor. */
const MAX_PAGES = 200;
const SMALLEST_PAGE = 10;
const MAX_PAGE = 100;

/** The state of one source: the runs that have been read and not used yet, newest first. */
interface Head {
  readonly source: RunSource;
  buffer: IndexedRun[];
  next: Item | undefined;
  reads: number;
}
const isDry = (head: Head): boolean => head.reads > 0 && head.next === undefined && head.buffer.length === 0;

/**
 * Merges runs of many sources, newest first, without duplicates: a k-way merge that reads further in a source only when its
 * buffer is empty. `exhausted` distinguishes a real end from the end of the budget.
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
    // Twice an even share of the wanted runs. A source that has more is read further.
    this.#pageSize = Math.max(SMALLEST_PAGE, Math.ceil((2 * wanted) / sources.length));
    this.#heads = sources.map((source) => ({ source, buffer: [], next: undefined, reads: 0 }));
  }

  /** Whether nothing is left in any source. */
  get exhausted(): boolean {
    return this.#heads.every(isDry);
  }

  /** Whether the budget is used up. The rest is left to the next request. */
  get spent(): boolean {
    return this.#pages >= MAX_PAGES;
  }

  /** Returns the next run; undefined at the end, or if the budget ends before the order of the rest is known. */
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
      // A run that has just changed its status may be found under both statuses.
      if (run === undefined || run.position !== this.#last) {
        this.#last = run?.position;
        return run;
      }
    }
  }

  async #read(head: Head): Promise<void> {
    this.#pages += 1;
    // Repeated reads of a source mean that few runs match: larger pages then cost fewer calls.
    const size = Math.min(this.#pageSize * 2 ** head.reads, Math.max(this.#pageSize, MAX_PAGE));
    const { runs, next } = await this.#index.page(head.source, this.#range, size, head.next);
    head.buffer.push(...runs);
    head.next = next;
    head.reads += 1;
  }
}

const timeOf = (head: Head | undefined): string => head?.buffer[0]?.position ?? "";
