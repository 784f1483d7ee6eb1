import type { Actor } from "../../../shared/model/actor.ts";
import type { Intent } from "../../../shared/store/intent.ts";
import { keys } from "../../../shared/store/keys.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import type { Table } from "../../../shared/store/table.ts";
import { type ConditionalWrite, changing, type Prepared } from "./conditional-write.ts";

export const ANN: Actor = { kind: "user", id: "ann" };
export const at = (second: number): string => `2026-03-01T12:00:${String(second).padStart(2, "0")}.000Z`;
export const intent = (id: string): Intent => ({ id, due: at(30), kinds: ["wake"], tries: 0 });

type MaybePromise<T> = T | Promise<T>;

export interface Subject {
  readonly runs: RunStore;
  readonly run: RunItem;
  readonly table: Table;
  /** A change of the run item's attributes by someone else. */
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
  /** Lets the change happen between the first write and the second one. */
  readonly between: (rival: () => Promise<unknown>) => () => Promise<void>;
}

/** A write of one run, which is in the table with these fields. */
export const ofRun =
  (
    fields: Partial<RunItem>,
    use: (subject: Subject) => MaybePromise<Omit<Prepared, "items"> & Partial<Prepared>>,
  ): ConditionalWrite =>
  async (table, nth) => {
    const runs = new RunStore(table);
    const run: RunItem = {
      ...{ runId: `01950000-0000-7000-8000-${String(nth).padStart(12, "0")}`, workspace: "demo" },
      ...{ flowId: "order", incarnation: "abcdefghijklmnop", version: 1, attempt: 1, status: "running" },
      ...{ rev: 5, createdAt: at(0), updatedAt: at(0), startedAt: at(1), startedBy: ANN, runAs: "system" },
      recentAudit: [{ rev: 1, at: at(0), actor: ANN, action: "dispatch", to: "pending" }],
      ...fields,
    };
    const key = keys.run("demo", run.runId);
    await runs.create(run, "{}");
    const set: Subject["set"] = (attributes) => changing(table, key, attributes);
    const between: Subject["between"] = (rival) => async () => table.arm(2, rival);
    return { items: [key], ...(await use({ runs, run, table, set, between })) };
  };

/** Whatever keeps a run from being as it was read. */
export const others = ({ set }: Subject) => ({
  "another change": set({ rev: 6 }),
  "a fresh execution": set({ attempt: 2 }),
  "a breakpoint": set({ pauseBefore: { state: "Two", by: ANN } }),
});
export const deletion = ({ set }: Subject) => ({ "a deletion": set({ deleted: true }) });
export const anotherIntent = ({ set }: Subject) => ({
  "a later intent": set({ intent: intent("z") }),
  "another intent": set({ intent: intent("a") }),
});
