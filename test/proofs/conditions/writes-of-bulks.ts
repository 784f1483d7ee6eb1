import type { BulkItem, BulkSlice } from "../../../shared/store/bulk/bulk-item.ts";
import { BulkStore } from "../../../shared/store/bulk/bulks.ts";
import { keys } from "../../../shared/store/keys.ts";
import { type ConditionalWrite, changing, type Prepared } from "./conditional-write.ts";

const AT = "2026-03-01T12:00:00.000Z";
const LATER = "2026-03-01T12:05:00.000Z";
const COUNTED = { succeeded: 1, skipped: 0, failed: 0 };

interface Subject {
  readonly bulks: BulkStore;
  readonly bulk: BulkItem;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
}

const bulkOf = (nth: number, fields: Partial<BulkItem>): BulkItem => ({
  ...{ workspace: "demo", bulkId: `bulk-${nth}`, nonce: "n", bodyHash: "h", action: "cancel", rate: 50 },
  ...{ createdBy: { kind: "user", id: "ann" }, permissions: [], createdAt: AT, updatedAt: AT },
  ...{ status: "running", matched: 4, succeeded: 0, skipped: 0, failed: 0, position: 2, attempt: 2, due: AT },
  ...fields,
});

const ofBulk =
  (
    fields: Partial<BulkItem>,
    use: (subject: Subject) => Pick<Prepared, "write" | "rivals">,
  ): ConditionalWrite =>
  async (table, nth) => {
    const bulks = new BulkStore(table);
    const bulk = bulkOf(nth, fields);
    await bulks.create(bulk);
    const key = keys.bulk("demo", bulk.bulkId);
    const set = (attributes: Readonly<Record<string, unknown>>) => changing(table, key, attributes);
    return { items: [key], ...use({ bulks, bulk, set }) };
  };

const SLICE: BulkSlice = { count: 1, tries: 2, gone: [] };
const stopped = ({ set }: Subject) => ({ "a request to stop": set({ stop: true }) });
const ended = ({ set }: Subject) => ({
  "its end": set({ status: "completed" }),
  "its end after a stop": set({ status: "stopped" }),
});
const claimed = ({ set }: Subject) => ({ "another worker's claim": set({ slice: SLICE }) });
const moved = ({ set }: Subject) => ({ "another worker's results": set({ position: 3 }) });
const again = ({ set }: Subject) => ({ "another attempt": set({ attempt: 3 }) });
const reclaimed = ({ set }: Subject) => ({
  "another worker's claim of it": set({ slice: { ...SLICE, tries: 3 } }),
  "its results": set({ slice: undefined }),
});

export const BULK_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a bulk operation's creation": async (table, nth) => {
    const bulks = new BulkStore(table);
    const bulk = bulkOf(nth, {});
    return {
      write: () => bulks.create(bulk),
      items: [keys.bulk("demo", bulk.bulkId)],
      rivals: { "the same operation": () => bulks.create({ ...bulk, nonce: "other" }) },
    };
  },
  "a page of selected runs": ofBulk({ selection: { pages: 2 } }, (subject) => ({
    write: () =>
      subject.bulks.select(subject.bulk, [{ runId: "r", rev: 1 }], LATER, { cursor: "c", last: false }),
    rivals: {
      ...ended(subject),
      "another worker's page": subject.set({ selection: { pages: 3 } }),
      "the last page": subject.set({ selection: undefined }),
    },
  })),
  "a claim": ofBulk({}, (subject) => ({
    write: () => subject.bulks.claimSlice(subject.bulk, SLICE),
    rivals: {
      ...ended(subject),
      ...moved(subject),
      ...again(subject),
      ...claimed(subject),
      ...stopped(subject),
    },
  })),
  "a claim of what a dead worker had": ofBulk({ slice: SLICE }, (subject) => ({
    write: () => subject.bulks.reclaimSlice(subject.bulk, SLICE),
    rivals: { ...ended(subject), ...moved(subject), ...again(subject), ...reclaimed(subject) },
  })),
  "a slice's results": ofBulk({ slice: SLICE }, (subject) => ({
    write: () =>
      subject.bulks.commitSlice(
        { ...subject.bulk, slice: SLICE },
        [{ runId: "r", outcome: "succeeded" } as never],
        COUNTED,
        LATER,
      ),
    rivals: { ...moved(subject), ...reclaimed(subject) },
  })),
  "a bulk operation's end": ofBulk({}, (subject) => ({
    write: () => subject.bulks.end(subject.bulk, "completed", { now: LATER, due: LATER }),
    rivals: { ...ended(subject), ...moved(subject), ...claimed(subject), ...stopped(subject) },
  })),
  "a bulk operation's end after a stop": ofBulk({ stop: true }, (subject) => ({
    write: () => subject.bulks.end(subject.bulk, "stopped", { now: LATER, due: LATER }),
    rivals: { ...ended(subject), ...moved(subject), ...claimed(subject) },
  })),
  "a request to stop": ofBulk({}, (subject) => ({
    write: () => subject.bulks.requestStop(subject.bulk, LATER),
    rivals: { ...ended(subject), ...stopped(subject) },
  })),
  "a bulk operation's next check": ofBulk({}, (subject) => ({
    write: () => subject.bulks.reschedule(subject.bulk, 3, LATER),
    rivals: { ...ended(subject), ...again(subject) },
  })),
};
