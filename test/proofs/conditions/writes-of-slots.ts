import type { FlowIdentity } from "../../../shared/store/flows/flow-item.ts";
import type { Item } from "../../../shared/store/keys.ts";
import { type SlotItem, slotItemKey, slotsDue } from "../../../shared/store/slots/slot-item.ts";
import { SlotStore } from "../../../shared/store/slots/slots.ts";
import { type ConditionalWrite, changing, deleting, type Prepared } from "./conditional-write.ts";
import { anotherIntent, at, deletion, intent, ofRun, others, type Subject as RunSubject } from "./of-run.ts";

const ID = "key";
const LIMIT = 2;

interface Subject {
  readonly store: SlotStore;
  readonly flow: FlowIdentity;
  readonly slots: SlotItem;
  readonly read: () => Promise<Item | undefined>;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
  readonly gone: () => Promise<unknown>;
}

const ofSlots =
  (fields: Partial<SlotItem>, use: (subject: Subject) => Omit<Prepared, "items">): ConditionalWrite =>
  async (table, nth) => {
    const flow = { workspace: "demo", flowId: `limited-${nth}`, incarnation: "m" };
    const key = slotItemKey(flow, ID);
    const slots: SlotItem = { id: ID, holders: {}, due: at(20), ...fields };
    const { id: _id, ...stored } = slots;
    await table.put({ ...key, ...stored, ...slotsDue(ID, slots.due) });
    const set: Subject["set"] = (attributes) => changing(table, key, attributes);
    const subject = { store: new SlotStore(table), flow, slots, set };
    return { items: [key], ...use({ ...subject, read: () => table.get(key), gone: deleting(table, key) }) };
  };

const dues = ({ set }: Subject) => ({
  "a later use": set({ due: at(21) }),
  "an earlier use": set({ due: at(19) }),
});

/** A claim below the limit. It creates the item of a key that is gone. */
const claiming = (behindOthers: boolean): ConditionalWrite =>
  ofSlots({ holders: { "run-a": 1 } }, ({ store, flow, read, set, gone }) => {
    let isClaimed = false;
    return {
      write: async () => {
        const claim = { runId: "run-m", limit: LIMIT, now: 5, due: at(30), behindOthers };
        isClaimed = (await store.claim(flow, { id: ID }, claim)).ok;
        return isClaimed;
      },
      rivals: {
        "the last slot": set({ holders: { "run-a": 1, "run-b": 2 } }),
        "more slots than there are": set({ holders: { "run-a": 1, "run-b": 2, "run-c": 3 } }),
        "the end of its item": gone,
        ...(behindOthers ? { "a run that waits": set({ waiting: "nonce" }) } : {}),
      },
      misled: async () => {
        const { holders = {}, waiting } = ((await read()) ?? {}) as Partial<SlotItem>;
        const isOver = Object.keys(holders).length > LIMIT || (behindOthers && waiting !== undefined);
        return isClaimed ? isOver || holders["run-m"] !== 5 : "run-m" in holders;
      },
    };
  });

/** A queued run that waits for a slot of this key, or in the queue of a hold. */
const leaving = (from: string | undefined): ConditionalWrite =>
  ofRun(
    { status: "pending", queuedAt: at(2), ...(from === undefined ? {} : { waitsFor: from }) },
    (subject) => ({
      write: () =>
        subject.runs.leaveQueue(subject.run, from, {
          set: { slot: { key: "m" }, intent: intent("n") },
          remove: ["queuedAt", "waitsFor"],
        }),
      rivals: {
        ...others(subject),
        ...deletion(subject),
        ...anotherIntent(subject),
        "a later place": subject.set({ queuedAt: at(3) }),
        "an earlier place": subject.set({ queuedAt: at(1) }),
        "another worker": subject.set({ queuedAt: undefined }),
        "a slot": subject.set({ slot: { key: "m" } }),
        "a wait for another key": subject.set({ waitsFor: "z" }),
        ...(from === undefined
          ? {}
          : {
              "a wait for an earlier key": subject.set({ waitsFor: "a" }),
              "a place in the queue of a hold": subject.set({ waitsFor: undefined }),
            }),
      },
    }),
  );

/** A run under way that gets a slot of a limit that was set later; `was`: the slot that it has. */
const counted = (was: string | undefined): ConditionalWrite =>
  ofRun(was === undefined ? {} : { slot: { key: was } }, (subject) => ({
    write: () => subject.runs.takeSlot(subject.run, "n"),
    rivals: {
      ...others(subject),
      ...deletion(subject),
      "a place in a queue": subject.set({ queuedAt: at(2) }),
      "a slot of another key": subject.set({ slot: { key: "z" } }),
      ...(was === undefined
        ? {}
        : {
            "a slot of an earlier key": subject.set({ slot: { key: "a" } }),
            "its release": subject.set({ slot: undefined }),
          }),
    },
  }));

const released = (subject: RunSubject) => ({
  ...others(subject),
  "its release by another worker": subject.set({ slot: undefined }),
});

export const SLOT_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a claim of a slot": claiming(false),
  "a claim of a slot behind others": claiming(true),
  "the release of a slot": ofSlots({ holders: { "run-a": 1, "run-m": 5 } }, ({ store, flow, set, gone }) => ({
    write: () => store.release(flow, ID, "run-m", at(30)).then(() => false),
    rivals: { "an earlier release": set({ holders: { "run-a": 1 } }), "the end of its item": gone },
  })),
  "the removal of an outdated claim": ofSlots({ holders: { "run-m": 5 } }, ({ store, flow, set, gone }) => ({
    write: () => store.reclaim(flow, ID, "run-m", 5),
    rivals: {
      "a claim that is renewed": set({ holders: { "run-m": 6 } }),
      "a claim of a clock behind ours": set({ holders: { "run-m": 4 } }),
      "its release": set({ holders: {} }),
      "the end of its item": gone,
    },
  })),
  "a run that begins to wait": ofSlots({ holders: { "run-a": 1 } }, ({ store, flow, read, gone }) => ({
    write: () => store.announce(flow, { id: ID }, "nonce", at(30)),
    rivals: { "the end of its item": gone },
    misled: async () => (await read())?.["holders"] === undefined,
  })),
  "a note that nobody waits": ofSlots({ waiting: "m" }, ({ store, flow, slots, set, gone }) => ({
    write: () => store.settle(flow, slots),
    rivals: {
      "another run that waits": set({ waiting: "a" }),
      "a run that waits with a later nonce": set({ waiting: "z" }),
      "another worker": set({ waiting: undefined }),
      "the end of its item": gone,
    },
  })),
  "a key's next check": ofSlots({}, (subject) => ({
    write: () => subject.store.reschedule(subject.flow, subject.slots, at(50)),
    rivals: { ...dues(subject), "the end of its item": subject.gone },
  })),
  "the end of a key that nobody uses": ofSlots({}, (subject) => ({
    write: () => subject.store.removeUnused(subject.flow, subject.slots),
    rivals: {
      ...dues(subject),
      "a claim": subject.set({ holders: { "run-a": 1 } }),
      "a run that waits": subject.set({ waiting: "nonce" }),
    },
  })),
  "a run's way out of a key's queue": leaving("m"),
  "a run's way out of a hold's queue with a slot": leaving(undefined),
  "a slot for a run under way": counted(undefined),
  "a slot of another key for a run under way": counted("m"),
  "a note that a slot is released": ofRun({ status: "completed", slot: { key: "m" } }, (subject) => ({
    write: () => subject.runs.releaseSlot(subject.run),
    rivals: released(subject),
  })),
  "the next try to release a slot": ofRun({ status: "completed", slot: { key: "m" } }, (subject) => ({
    write: () => subject.runs.retryRelease(subject.run, { key: "m", due: at(50) }),
    rivals: released(subject),
  })),
};
