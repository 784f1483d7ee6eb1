import { DueIndex } from "../../../shared/store/due.ts";
import { keys } from "../../../shared/store/keys.ts";
import { archiveAudit } from "../../../shared/store/runs/audit-archive.ts";
import type { StatusChange } from "../../../shared/store/runs/status-change.ts";
import type { ConditionalWrite, Prepared } from "./conditional-write.ts";
import { ANN, anotherIntent, at, deletion, intent, ofRun, others, type Subject } from "./of-run.ts";

const change = (transition: StatusChange["transition"]): StatusChange => ({
  transition,
  entry: { at: at(10), actor: ANN },
});

const otherBreakpoints = ({ set }: Subject) => ({
  "a later breakpoint": set({ pauseBefore: { state: "Zoo", by: ANN } }),
  "an earlier breakpoint": set({ pauseBefore: { state: "One", by: ANN } }),
  "the end of the breakpoint": set({ pauseBefore: undefined }),
});
const firstPark = ({ set }: Subject) => ({ "a first park": set({ unparked: undefined }) });

const stops = (id: string) => ({ id, attempts: [1], due: at(30) });
const otherStops = ({ set }: Subject) => ({
  "a later execution to be stopped": set({ toStop: stops("z") }),
  "another execution to be stopped": set({ toStop: stops("a") }),
});

/** A run's due time depends on the whole run, so its writer must have read the deadline. */
const aDeadline = ({ set, runs, run, table }: Subject): Pick<Prepared, "rivals" | "misled"> => ({
  rivals: { "a deadline": set({ rev: 6, deadline: at(25), due: at(25) }) },
  misled: async () => {
    const now = await runs.get("demo", run.runId);
    const item = await table.get(keys.run("demo", run.runId));
    return now?.deadline !== undefined && item?.["due"] !== now.deadline;
  },
});

const LONG = "x".repeat(400);
const entries = [2, 3, 4, 5].map((rev) => ({
  ...({ rev, at: at(rev), actor: ANN, action: "pause", to: "paused", reason: LONG } as const),
}));

/** The changes after which a gate may no longer let a step begin without reading the run. */
const betweenSteps = (set: Subject["set"]) => ({
  "a pause": set({ status: "paused" }),
  "a wait": set({ status: "waiting" }),
  "a fresh execution": set({ attempt: 2 }),
  "a breakpoint": set({ pauseBefore: { state: "Two", by: ANN } }),
  "a number of steps": set({ stepping: { left: 1, of: 1, by: ANN } }),
  "a deadline that is over": set({ deadline: at(29) }),
  "a deadline at this very moment": set({ deadline: at(30) }),
  "a newer visit": set({ currentStep: { name: "Three", stepId: "three", entered: at(26) } }),
  "another flow": set({ incarnation: "zzzzzzzzzzzzzzzz" }),
  "an earlier flow": set({ incarnation: "aaaaaaaaaaaaaaaa" }),
});

export const RUN_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a run's creation": async (table, nth) => {
    const { write, items } = await ofRun({}, ({ runs, run }) => ({
      write: () => runs.create({ ...run, runId: run.runId.replace("01950000", "01960000") }, "{}"),
      items: [keys.run("demo", run.runId.replace("01950000", "01960000"))],
      rivals: {},
    }))(table, nth);
    const [key] = items;
    if (key === undefined) throw new Error("There is no item");
    return { write, items, rivals: { "the same run": () => table.put({ ...key, trail: [] }) } };
  },
  "a status change": ofRun({ neverParked: true }, (subject) => ({
    write: () => subject.runs.changeStatus(subject.run, [change("pause")]),
    rivals: {
      ...others(subject),
      ...firstPark(subject),
      "another status": subject.set({ status: "completed" }),
    },
  })),
  "a status change with an intent": ofRun({ status: "paused", intent: intent("m") }, (subject) => ({
    write: () => subject.runs.changeStatus(subject.run, [change("resume")], { set: { intent: intent("n") } }),
    rivals: {
      ...others(subject),
      ...anotherIntent(subject),
      "another status": subject.set({ status: "completed" }),
    },
  })),
  "a status change with a first intent": ofRun({ status: "paused" }, (subject) => ({
    write: () => subject.runs.changeStatus(subject.run, [change("resume")], { set: { intent: intent("n") } }),
    rivals: {
      ...others(subject),
      ...anotherIntent(subject),
      "another status": subject.set({ status: "completed" }),
    },
  })),
  "a change of attributes": ofRun({ neverParked: true }, (subject) => ({
    write: () => subject.runs.updateAttributes(subject.run, { set: { resumed: true } }),
    rivals: { ...others(subject), ...firstPark(subject) },
  })),
  "a status change of a run with a breakpoint": ofRun(
    { pauseBefore: { state: "Two", by: ANN } },
    (subject) => ({
      write: () => subject.runs.changeStatus(subject.run, [change("pause")]),
      rivals: {
        "another change": subject.set({ rev: 6 }),
        "a fresh execution": subject.set({ attempt: 2 }),
        "another status": subject.set({ status: "completed" }),
        ...otherBreakpoints(subject),
      },
    }),
  ),
  "a breakpoint": ofRun({}, (subject) => ({
    write: () => subject.runs.setBreakpoint(subject.run, { state: "Two", by: ANN }),
    rivals: { ...others(subject), ...deletion(subject) },
  })),
  "an entry into a step": ofRun(
    {
      ...{ deadline: at(40), historyBudget: 100 },
      currentStep: { name: "One", stepId: "one", entered: at(20) },
    },
    ({ runs, run, set }) => ({
      write: () =>
        runs.enterStep("demo", run.runId, {
          ...{ incarnation: run.incarnation, attempt: 1, now: at(30), growth: 60 },
          currentStep: { name: "Two", stepId: "two", entered: at(25) },
        }),
      rivals: {
        ...betweenSteps(set),
        "a budget that is used up": set({ headroom: 59 }),
        "a team's machine": set({ machine: "orders" }),
        "an execution that somebody started": set({ execution: "by-hand" }),
      },
    }),
  ),
  "an entry into a step of a held flow": ofRun(
    {
      ...{ startedAt: at(10), canary: "kkk" },
      currentStep: { name: "One", stepId: "one", entered: at(20) },
    },
    ({ runs, run, set }) => ({
      write: () =>
        runs.enterStep("demo", run.runId, {
          ...{ incarnation: run.incarnation, attempt: 1, now: at(30) },
          pass: { canary: "kkk", startedAt: at(10) },
          currentStep: { name: "Two", stepId: "two", entered: at(25) },
        }),
      rivals: {
        ...betweenSteps(set),
        "a team's machine": set({ machine: "orders" }),
        "an execution that somebody started": set({ execution: "by-hand" }),
        "a later canary": set({ canary: "zzz" }),
        "an earlier canary": set({ canary: "a" }),
        "a later start": set({ startedAt: at(11) }),
      },
    }),
  ),
  "an entry into a step of an execution that somebody started": ofRun(
    {
      ...{ machine: "orders", execution: "order-7", deadline: at(40) },
      currentStep: { name: "One", stepId: "one", entered: at(20) },
    },
    ({ runs, run, set }) => ({
      write: () =>
        runs.enterStep("demo", run.runId, {
          ...{ incarnation: run.incarnation, machine: "orders", execution: "order-7" },
          ...{ attempt: 1, now: at(30) },
          currentStep: { name: "Two", stepId: "two", entered: at(25) },
        }),
      rivals: {
        ...betweenSteps(set),
        "another machine": set({ machine: "zzz" }),
        "an earlier machine": set({ machine: "a" }),
        "another execution": set({ execution: "zzz" }),
        "an earlier execution": set({ execution: "a" }),
        "a request that sent it elsewhere": set({ entry: "request" }),
        "an execution before it": set({ goesOnFrom: 1 }),
        "a replay's first state": set({ startState: "Two" }),
      },
    }),
  ),
  "an entry into a step after the arrival at a place": ofRun(
    {
      ...{ machine: "orders", attempt: 2, continuedFrom: 1, arrived: { attempt: 2, visit: "one" } },
      ...{ deadline: at(40), currentStep: { name: "One", stepId: "one", entered: at(20) } },
    },
    ({ runs, run, set }) => ({
      write: () =>
        runs.enterStep("demo", run.runId, {
          ...{ incarnation: run.incarnation, machine: "orders", attempt: 2, now: at(30) },
          currentStep: { name: "Two", stepId: "two", entered: at(25) },
        }),
      rivals: {
        ...betweenSteps(set),
        "a fresh execution": set({ attempt: 3 }),
        "an earlier execution": set({ attempt: 1 }),
        "another machine": set({ machine: "zzz" }),
        "an earlier machine": set({ machine: "a" }),
        "no arrival": set({ arrived: undefined }),
        "the arrival of a later execution": set({ arrived: { attempt: 3, visit: "one" } }),
        "the arrival of an earlier execution": set({ arrived: { attempt: 1, visit: "one" } }),
        "its own arrival": set({ arrived: { attempt: 2, visit: "two" } }),
      },
    }),
  ),
  "a status change that enters a step": ofRun({ status: "pending" }, (subject) => ({
    write: () =>
      subject.runs.changeStatus(subject.run, [change("begin")], {
        set: { currentStep: { name: "Two", stepId: "two", entered: at(25) } },
      }),
    rivals: {
      ...others(subject),
      "another status": subject.set({ status: "completed" }),
      "a newer visit": subject.set({ currentStep: { name: "Three", stepId: "three", entered: at(26) } }),
    },
  })),
  "a note that a run stands still": ofRun({ status: "paused" }, (subject) => ({
    write: () => subject.runs.markParked(subject.run, at(30)),
    rivals: { ...others(subject), "an earlier note": subject.set({ parkedAt: at(20) }) },
  })),
  "a note before which state a run stands still": ofRun(
    { status: "paused", parkedAt: at(20) },
    ({ runs, run, set, between, table }) => ({
      write: () => runs.markParked(run, at(30), "Two"),
      rivals: {
        "another change": between(set({ rev: 6 })),
        "a later pause": between(set({ parkedAt: at(25) })),
        "an earlier pause": between(set({ parkedAt: at(15) })),
        "the end of the pause": between(set({ parkedAt: undefined })),
      },
      misled: async () => {
        const { parkedBefore, parkedAt, rev } = (await table.get(keys.run("demo", run.runId))) ?? {};
        return parkedBefore !== undefined && (parkedAt !== at(20) || rev !== 5);
      },
    }),
  ),
  "a note before the first park": ofRun({ neverParked: true }, (subject) => ({
    write: () => subject.runs.announcePark(subject.run),
    rivals: { ...others(subject), ...firstPark(subject) },
  })),
  "a run's way out of the queue": ofRun({ status: "pending", queuedAt: at(2) }, ({ runs, run, set }) => ({
    write: () => runs.dequeue("demo", { runId: run.runId, time: at(2), nonce: "n" }, intent("n"), at(20)),
    rivals: {
      "a start": set({ status: "running" }),
      "a cancellation": set({ status: "cancelled" }),
      "a later place": set({ queuedAt: at(3) }),
      "an earlier place": set({ queuedAt: at(1) }),
      "another worker": set({ queuedAt: undefined }),
      "a wait for a slot": set({ waitsFor: "key" }),
    },
  })),
  "a run's way out of the queue onto the active version": ofRun(
    { status: "pending", queuedAt: at(2), dispatchedVersion: 1 },
    ({ runs, run, set }) => {
      const item = { runId: run.runId, time: at(2), nonce: "n" };
      return {
        write: () =>
          runs.dequeue("demo", item, intent("n"), at(20), { active: { version: 2, runAs: "system" } }),
        rivals: {
          "a start": set({ status: "running" }),
          "a later place": set({ queuedAt: at(3) }),
          "another worker": set({ queuedAt: undefined }),
          "a wait for a slot": set({ waitsFor: "key" }),
          "a run that keeps its version": set({ dispatchedVersion: undefined }),
        },
      };
    },
  ),
  "a run that goes along with a canary": ofRun({ status: "paused", intent: intent("m") }, (subject) => ({
    write: () => subject.runs.joinCanary(subject.run, "canary", intent("n")),
    rivals: { ...others(subject), ...anotherIntent(subject), ...deletion(subject) },
  })),
  "an attempt more": ofRun({ status: "pending", startedAt: undefined as never }, ({ runs, run, set }) => ({
    write: () => runs.nextAttempt(run),
    rivals: {
      "an attempt of another worker": set({ attempt: 2 }),
      "a deletion": set({ deleted: true }),
      "its first gate": set({ startedAt: at(9) }),
    },
  })),
  "an attempt more of a fresh execution": ofRun({ attempt: 2, continuedFrom: 1 }, ({ runs, run, set }) => ({
    write: () => runs.nextAttempt(run),
    rivals: {
      "an attempt of another worker": set({ attempt: 3 }),
      "a deletion": set({ deleted: true }),
      "its first gate": set({ headroom: 20_000 }),
      "a run that never left an execution": set({ goesOnFrom: undefined }),
    },
  })),
  "a fresh execution": ofRun({ intent: intent("m") }, (subject) => ({
    write: () => subject.runs.continueAsNew(subject.run, intent("n")),
    rivals: { ...others(subject), ...deletion(subject), ...anotherIntent(subject) },
  })),
  "the end of an intent": ofRun({ intent: intent("m") }, (subject) => ({
    write: () => subject.runs.clearIntent(subject.run, "m"),
    rivals: anotherIntent(subject),
  })),
  "an intent's next try": ofRun({ intent: intent("m") }, (subject) => ({
    write: () => subject.runs.retryIntent(subject.run, { ...intent("m"), tries: 1 }),
    rivals: anotherIntent(subject),
  })),
  "the end of what is to be stopped": ofRun({ toStop: stops("m") }, (subject) => ({
    write: () => subject.runs.settleStops(subject.run, stops("m")),
    rivals: otherStops(subject),
  })),
  "the next try to stop it": ofRun({ toStop: stops("m") }, (subject) => ({
    write: () => subject.runs.settleStops(subject.run, stops("m"), at(50)),
    rivals: otherStops(subject),
  })),
  "an output that a reader found": ofRun({ status: "completed" }, async ({ runs, run, table }) => {
    const key = keys.output("demo", run.runId);
    await table.put({ ...key, after: ["One"] });
    return {
      write: () => runs.completeOutput("demo", run.runId, "{}").then(() => false),
      items: [key],
      rivals: { "the deletion of the run": () => table.delete(key) },
    };
  }),
  "the end of an intent, in time for a deadline": ofRun({ intent: intent("m") }, (subject) => ({
    write: () => subject.runs.clearIntent(subject.run, "m"),
    ...aDeadline(subject),
  })),
  "an intent's next try, in time for a deadline": ofRun({ intent: intent("m") }, (subject) => ({
    write: () => subject.runs.retryIntent(subject.run, { ...intent("m"), tries: 1 }),
    ...aDeadline(subject),
  })),
  "the end of what is to be stopped, in time for a deadline": ofRun({ toStop: stops("m") }, (subject) => ({
    write: () => subject.runs.settleStops(subject.run, stops("m")),
    ...aDeadline(subject),
  })),
  "a deletion": ofRun({ status: "pending", queuedAt: at(2), neverParked: true }, (subject) => ({
    write: () => subject.runs.markDeleted(subject.run, { intent: intent("n"), at: at(30), actor: ANN }),
    rivals: {
      ...others(subject),
      ...firstPark(subject),
      ...deletion(subject),
      "a later place in the queue": subject.set({ queuedAt: at(3) }),
      "its way out of the queue": subject.set({ queuedAt: undefined }),
    },
  })),
  "a deletion outside the queue": ofRun({ status: "completed" }, (subject) => ({
    write: () => subject.runs.markDeleted(subject.run, { intent: intent("n"), at: at(30), actor: ANN }),
    rivals: {
      ...others(subject),
      ...deletion(subject),
      "a place in the queue": subject.set({ queuedAt: at(3) }),
    },
  })),
  "the removal of a tombstone": ofRun(
    { status: "cancelled", deleted: true, intent: intent("m") },
    (subject) => ({
      write: () => subject.runs.removeTombstone(subject.run),
      rivals: {
        "a new run of this id": subject.set({ deleted: undefined }),
        ...anotherIntent(subject),
      },
    }),
  ),
  "the archive of audit entries": ofRun({ recentAudit: entries }, (subject) => ({
    write: () => archiveAudit(subject.table, subject.run).then(() => false),
    rivals: {
      "another archiver": subject.set({ trail: [JSON.stringify([4, "rest"])] }),
      "another archiver of an earlier release": subject.set({ trail: [{ rev: 4 }] }),
      ...deletion(subject),
    },
  })),
  "a place behind everything due": ofRun({ intent: intent("m") }, ({ run, table, set }) => ({
    write: () =>
      new DueIndex(table)
        .postpone({ kind: "run", workspace: "demo", runId: run.runId }, at(50))
        .then(() => false),
    rivals: {
      "the end of what was due": set({ dueKey: undefined, due: undefined }),
      "a run that is due no longer, with its time": set({ dueKey: undefined }),
      "a later time": set({ due: at(51) }),
    },
  })),
};
