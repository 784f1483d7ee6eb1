import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import type { Actor } from "../../model/actor.ts";
import { RUN_ACTIONS, type RunStatus, SYSTEM_TRANSITIONS } from "../../model/transitions.ts";
import { Table } from "../table.ts";
import type { RunItem } from "./run-item.ts";
import { RunStore } from "./runs.ts";
import { runItemOf } from "./stored-run.ts";

const ANN: Actor = { kind: "user", id: "ann" };
const CREATED = Date.parse("2026-03-01T12:00:00.000Z");
const time = (seconds: number) => new Date(CREATED + seconds * 1000).toISOString();

let db: TestTable;
let table: Table;
let runs: RunStore;
beforeAll(async () => {
  db = await startTestTable();
  table = new Table(db.client, db.name);
  runs = new RunStore(table);
});
afterAll(() => db.close());

let count = 0;
const newRun = async (more: Partial<RunItem> = {}): Promise<RunItem> => {
  count += 1;
  const record: RunItem = {
    runId: `01950000-0000-7000-8000-${String(count).padStart(12, "0")}`,
    workspace: "demo",
    flowId: "order",
    incarnation: "abcdefghijklmnop",
    version: 1,
    attempt: 1,
    status: "pending",
    rev: 1,
    createdAt: time(0),
    updatedAt: time(0),
    startedBy: ANN,
    runAs: "user",
    intent: { id: "start-1", due: time(60), kinds: ["start"], tries: 0 },
    recentAudit: [{ rev: 1, at: time(0), actor: ANN, action: "dispatch", to: "pending" }],
    ...more,
  };
  await runs.create(record, '{"b":1,"a":[1.0,2]}');
  return record;
};
const item = async (run: RunItem) => (await table.get({ PK: `W#demo#R#${run.runId}`, SK: "RUN" })) ?? {};
const change = (
  transition: Parameters<RunStore["changeStatus"]>[1][0]["transition"],
  seconds = 1,
  reason?: string,
) =>
  ({
    transition,
    entry: { at: time(seconds), actor: ANN, ...(reason === undefined ? {} : { reason }) },
  }) as const;

describe("a run that changes faster than its audit is archived", () => {
  test("keeps few entries in its item and loses none", async () => {
    const run = await newRun();
    const instead = (put: Table["put"]) =>
      new Proxy(table, { get: (target, name) => (name === "put" ? put : bound(target, name)) });
    const dying = new RunStore(instead(() => Promise.reject(new Error("the process is gone"))));
    // Whenever entries are archived, others change the run before the entries are removed from it.
    let rivals = 0;
    const rivalled = instead(async (item) => {
      await table.put(item);
      if (rivals > 0) await pauseOrRequeue(dying);
      rivals -= 1;
    });
    let record: RunItem = run;
    const pauseOrRequeue = async (store: RunStore): Promise<void> => {
      const current = (await store.get("demo", run.runId)) ?? run;
      const transition = current.status === "paused" ? "requeue" : "pause";
      const written = await store.changeStatus(current, [change(transition, 1, "語".repeat(1_000))]);
      if (written.ok) record = written.run;
    };
    for (let times = 0; times < 40; times += 1) {
      rivals = 3;
      await pauseOrRequeue(new RunStore(rivalled));
      expect(Buffer.byteLength(JSON.stringify((await item(run))["trail"]))).toBeLessThan(40_000);
    }
    const current = (await runs.get("demo", run.runId)) ?? record;
    const revs = (await runs.audit(current)).map(({ rev }) => rev);
    expect(revs).toEqual(Array.from({ length: current.rev }, (_, index) => index + 1));
    expect(current.rev).toBeGreaterThan(60);
  });
});
const bound = (target: Table, name: string | symbol): unknown => {
  const member = Reflect.get(target, name, target) as unknown;
  return typeof member === "function" ? member.bind(target) : member;
};

describe("a new run", () => {
  test("keeps its payload byte for byte and is in the indexes of its status", async () => {
    const run = await newRun();
    expect(await runs.payload("demo", run.runId)).toBe('{"b":1,"a":[1.0,2]}');
    const stored = await item(run);
    expect(stored["statusKey"]).toMatch(/^W#demo#S#pending#[0-3]$/);
    expect(stored["timeKey"]).toBe(`2026-03-01T12:00:00.000Z#${run.runId}`);
    expect(stored["due"]).toBe("2026-03-01T12:01:00.000Z");
    expect(stored).not.toHaveProperty("attentionKey");
  });

  test("stores its user's permissions with the payload, not in the item that every step writes", async () => {
    const first = await newRun();
    expect(await runs.permissionsAtStart("demo", first.runId)).toEqual([]);
    const run: RunItem = { ...first, runId: `${first.runId}-with` };
    await runs.create(run, "{}", undefined, ["refund", "mail"]);
    expect(await runs.permissionsAtStart("demo", run.runId)).toEqual(["refund", "mail"]);
    expect(await runs.payload("demo", run.runId)).toBe("{}");
    expect(JSON.stringify(await item(run))).not.toContain("refund");
    expect(await runs.permissionsAtStart("demo", "none")).toEqual([]);
  });

  test("stays unchanged if it exists, even under concurrent creations", async () => {
    const run = await newRun();
    const rival: RunItem = { ...run, startedBy: { kind: "user", id: "bob" }, bodyHash: "other" };
    const answers = await Promise.all([1, 2, 3].map(() => runs.create(rival, "{}")));
    expect(answers.map(({ created, run }) => [created, run.startedBy.id])).toEqual(
      Array(3).fill([false, "ann"]),
    );
    expect(await runs.payload("demo", run.runId)).toBe('{"b":1,"a":[1.0,2]}');
  });
});

describe("a change of status", () => {
  test("moves the run through the indexes in the same write", async () => {
    const run = await newRun({ deadline: time(30) });
    const paused = await runs.changeStatus(run, [change("pause")], {
      set: { updatedAt: time(1), pausedBy: { kind: "user", at: time(1) } },
    });
    expect(paused).toMatchObject({ ok: true, run: { status: "paused", rev: 2 } });
    const stored = await item(run);
    expect(stored["statusKey"]).toMatch(/^W#demo#S#paused#/);
    expect(stored["attentionSince"]).toBe(`2026-03-01T12:00:01.000Z#${run.runId}`);
    expect(stored["due"]).toBe("2026-03-01T12:01:00.000Z");
  });

  test("is rejected after a concurrent change, and returns the current run", async () => {
    const run = await newRun();
    const answers = await Promise.all([
      runs.changeStatus(run, [change("cancel")]),
      runs.changeStatus(run, [change("begin")]),
      runs.changeStatus(run, [change("pause")]),
    ]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const now = await runs.get("demo", run.runId);
    for (const answer of answers) {
      if (!answer.ok) expect(answer.current).toEqual(now);
    }
    expect(now?.rev).toBe(2);
  });

  test("with several transitions leaves an audit entry for each", async () => {
    const run = await newRun();
    const moved = await runs.changeStatus(run, [change("begin"), change("wait")]);
    expect(moved).toMatchObject({ ok: true, run: { status: "waiting", rev: 3 } });
    const now = await runs.get("demo", run.runId);
    expect(now && (await runs.audit(now)).map(({ rev, from, to }) => [rev, from, to])).toEqual([
      [1, undefined, "pending"],
      [2, "pending", "running"],
      [3, "running", "waiting"],
    ]);
  });
});

describe("entering a step", () => {
  const visit = (entered: string, attempt = 1, more: object = {}) => ({
    incarnation: "abcdefghijklmnop",
    attempt,
    ...more,
    currentStep: { name: "Charge", stepId: `charge-${entered}`, entered },
    now: time(10),
  });
  const running = async (more: Partial<RunItem> = {}) => {
    const run = await newRun(more);
    await runs.changeStatus(run, [change("begin")], { remove: ["intent"] });
    return run;
  };

  test("is one write that keeps the revision", async () => {
    const run = await running();
    const entered = await runs.enterStep("demo", run.runId, visit(time(5)));
    expect(entered).toMatchObject({ ok: true, run: { rev: 2, currentStep: { name: "Charge" } } });
    expect((await runs.enterStep("demo", run.runId, visit(time(5)))).ok).toBe(true);
  });

  test.each([
    ["an older visit", visit(time(4)), {}],
    ["another execution", visit(time(6), 2), {}],
    ["another flow", visit(time(6), 1, { incarnation: "ponmlkjihgfedcba" }), {}],
    ["another machine", visit(time(6), 1, { machine: "orders" }), {}],
    ["a managed flow's text", visit(time(6)), { machine: "orders" }],
    ["past the deadline", visit(time(6)), { deadline: time(10) }],
  ])("is refused to %s", async (_name, late, more) => {
    const run = await running(more);
    if (!("deadline" in more || "machine" in more)) await runs.enterStep("demo", run.runId, visit(time(5)));
    const refused = await runs.enterStep("demo", run.runId, late);
    expect(refused).toMatchObject({ ok: false, current: { runId: run.runId, rev: 2 } });
  });

  test("is rejected for a run that is not running or does not exist", async () => {
    const run = await newRun();
    expect(await runs.enterStep("demo", run.runId, visit(time(5)))).toMatchObject({
      ok: false,
      current: { status: "pending" },
    });
    expect(await runs.enterStep("demo", "nobody", visit(time(5)))).toEqual({ ok: false });
  });
});

describe("an intent", () => {
  test("is cleared only under its own id and leaves its due time to the first check", async () => {
    const run = await newRun();
    await runs.clearIntent(run, "another");
    expect((await item(run))["intent"]).toMatchObject({ id: "start-1" });
    await runs.clearIntent(run, "start-1");
    const stored = await item(run);
    expect(stored).not.toHaveProperty("intent");
    expect([stored["checkAt"], stored["due"]]).toEqual([time(60), time(60)]);
  });

  test("of a stale reader does not clear the newer one", async () => {
    const stale = await newRun();
    await runs.changeStatus(stale, [change("pause")], {
      set: { intent: { id: "wake-2", due: time(90), kinds: ["start", "wake"], tries: 0 } },
    });
    await runs.clearIntent(stale, "start-1");
    expect((await item(stale))["intent"]).toMatchObject({ id: "wake-2" });
  });

  test("is cleared even if the run has changed in the meantime", async () => {
    const stale = await newRun();
    await runs.changeStatus(stale, [change("pause")]);
    await runs.clearIntent(stale, "start-1");
    expect(await item(stale)).not.toHaveProperty("intent");
  });
});

describe("a deleted run", () => {
  const intent = { id: "purge-1", due: time(121), kinds: ["purge"], tries: 0 } as const;
  const deletion = { intent, at: time(1), actor: ANN };

  test("knows the items of its attributes until they are deleted, whenever its deletion stopped", async () => {
    const run = await newRun({ attributes: { customer: "acme", order: "o-1" } });
    const deleted = await runs.markDeleted(run, deletion);
    if (!deleted.ok) throw new Error("refused");
    const stored = await runs.get("demo", run.runId);
    if (stored === undefined) throw new Error("gone");
    const related = await runs.relatedKeys(stored);
    const found = related.keys.filter(({ PK }) => PK.startsWith("W#demo#X#"));
    expect(found.map(({ PK }) => PK.replace(/#\d$/, "")).sort()).toEqual([
      "W#demo#X#customer#acme",
      "W#demo#X#order#o-1",
    ]);
    expect(await Promise.all(found.map((key) => table.get(key)))).toMatchObject([
      { flowId: "order", startedBy: ANN },
      { flowId: "order", startedBy: ANN },
    ]);
    await runs.purge(related.keys);
    expect(await Promise.all(found.map((key) => table.get(key)))).toEqual([undefined, undefined]);
  });

  test("keeps none of its data, is in the index of tombstones only, and is then removed", async () => {
    const run = await newRun({ currentStep: { name: "Charge", stepId: "s", entered: time(1) } });
    const deleted = await runs.markDeleted(run, deletion);
    expect(deleted).toMatchObject({ ok: true, run: { deleted: true, status: "cancelled" } });
    const stored = await item(run);
    for (const gone of ["statusKey", "flowKey", "timeKey", "attentionKey", "currentStep"]) {
      expect(stored).not.toHaveProperty(gone);
    }
    expect(stored).toMatchObject({
      ...{ due: time(121), dueKey: expect.stringMatching(/^TOMB#/) },
    });
    expect(runItemOf(stored ?? {}).recentAudit).toEqual([
      { rev: 2, at: time(1), actor: ANN, action: "delete", from: "pending", to: "deleted" },
    ]);
    if (!deleted.ok) throw new Error("refused");
    expect((await runs.markDeleted(deleted.run, deletion)).ok).toBe(false);
    const related = await runs.relatedKeys(deleted.run);
    expect(related).toMatchObject({ payload: true, keys: [{ SK: "IN" }] });
    await runs.purge(related.keys);
    expect(await runs.relatedKeys(deleted.run)).toEqual({ payload: false, keys: [] });
    await runs.removeTombstone({ ...deleted.run, intent: { ...intent, id: "another" } });
    expect(await runs.get("demo", run.runId)).toBeDefined();
    await runs.removeTombstone(deleted.run);
    expect(await runs.get("demo", run.runId)).toBeUndefined();
  });

  test("leaves no related item undiscovered, however many there are", async () => {
    const run = await newRun();
    const deleted = await runs.markDeleted(run, deletion);
    if (!deleted.ok) throw new Error("refused");
    const flow = "W#demo#F#order#abcdefghijklmnop";
    const shard = Number((await item(run))["dueKey"]?.toString().at(-1));
    const own = Array.from({ length: 60 }, (_, i) => ({ PK: `W#demo#R#${run.runId}`, SK: `S#${i}` }));
    const parks = [1, 2].map((i) => ({ PK: `${flow}#P#${shard}`, SK: `${run.runId}#${i}` }));
    const queued = { PK: `${flow}#Q#${shard}`, SK: `${time(0)}#${run.runId}` };
    const other = { PK: `${flow}#P#${shard}`, SK: "01950000-0000-7000-8000-ffffffffffff#1" };
    for (const key of [...own, ...parks, queued, other]) await table.put(key);
    const related = await runs.relatedKeys({ ...deleted.run, queuedAt: time(0) });
    await runs.purge(related.keys);
    for (const key of [...own, ...parks, queued]) expect(await table.get(key)).toBeUndefined();
    expect(await table.get(other)).toBeDefined();
  });

  test("is not marked deleted when it has left the queue since, which keeps the revision", async () => {
    const queued = await newRun({ queuedAt: time(0) });
    const start = { ...intent, id: "start-2" };
    await runs.dequeue("demo", { runId: queued.runId, time: time(0), nonce: "n" }, start, time(1));
    expect(await runs.markDeleted(queued, deletion)).toMatchObject({ ok: false, current: { rev: 1 } });
  });
});

test("an ended run is in the index of ended runs once it has no intent", async () => {
  const run = await newRun();
  const cancelled = await runs.changeStatus(run, [change("cancel", 5)], { set: { endedAt: time(5) } });
  expect((await item(run))["dueKey"]).toMatch(/^DUE#/);
  if (!cancelled.ok) throw new Error("refused");
  await runs.clearIntent(cancelled.run, "start-1");
  expect(await item(run)).toMatchObject({
    due: time(5),
    dueKey: expect.stringMatching(/^W#demo#END#[0-3]$/),
  });
});

/** The transitions of the interface's table, written out. */
const MODEL: Readonly<Record<RunStatus, Readonly<Record<string, RunStatus>>>> = {
  pending: {
    pause: "paused",
    cancel: "cancelled",
    begin: "running",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  running: {
    pause: "paused",
    cancel: "cancelled",
    wait: "waiting",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  paused: {
    resume: "running",
    requeue: "pending",
    release: "running",
    halt: "paused",
    cancel: "cancelled",
    complete: "completed",
    fail: "failed",
  },
  waiting: {
    cancel: "cancelled",
    proceed: "running",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  completed: {},
  failed: {},
  cancelled: {},
};

describe("any sequence of transitions", () => {
  test("leaves a status that the model agrees with, and an audit without a gap", async () => {
    // Transitions that do not end the run have twice the weight, so that sequences grow long.
    const lively = ["pause", "resume", "begin", "wait", "proceed", "hold", "release", "requeue"] as const;
    const transition = fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...lively) },
      { weight: 1, arbitrary: fc.constantFrom(...RUN_ACTIONS, ...SYSTEM_TRANSITIONS) },
    );
    const reason = fc.option(fc.string({ minLength: 1, maxLength: 1_000 }), { nil: undefined, freq: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(transition, reason), { maxLength: 25 }), async (sequence) => {
        let run = await newRun();
        let status: RunStatus = "pending";
        const expected: [RunStatus | undefined, RunStatus, string | undefined][] = [
          [undefined, "pending", undefined],
        ];
        for (const [action, why] of sequence) {
          const to: RunStatus | undefined = MODEL[status][action];
          if (to === undefined) {
            await expect(runs.changeStatus(run, [change(action)])).rejects.toThrow();
            continue;
          }
          const moved = await runs.changeStatus(run, [change(action, 1, why)]);
          if (!moved.ok) throw new Error("A transition that the model allows was refused");
          expected.push([status, to, why]);
          run = (await runs.get("demo", run.runId)) ?? run;
          status = to;
        }
        expect([run.status, run.rev]).toEqual([status, expected.length]);
        const audit = await runs.audit(run);
        expect(audit.map(({ from, to, reason: why }) => [from, to, why])).toEqual(expected);
        expect(audit.map(({ rev }) => rev)).toEqual(expected.map((_, index) => index + 1));
        if (!["completed", "failed", "cancelled"].includes(status)) {
          expect(Buffer.byteLength(JSON.stringify(run.recentAudit))).toBeLessThan(3_000);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("continuing as new", () => {
  const start = { id: "over", due: time(60), kinds: ["start"], tries: 0 } as const;
  const begun = async (): Promise<RunItem> => {
    const begun = await runs.changeStatus(await newRun(), [change("begin")], {
      set: { startedAt: time(1), historyBudget: 40 },
      remove: ["intent"],
    });
    if (!begun.ok) throw new Error("refused");
    return begun.run;
  };

  test("keeps the revision, makes the start due and removes the history budget", async () => {
    const run = await begun();
    const written = await runs.continueAsNew(run, start);
    const expected = { attempt: 2, continuedFrom: 1, rev: run.rev, status: "running", intent: start };
    expect(written).toMatchObject({ ok: true, run: expected });
    expect(await item(run)).toMatchObject({ due: time(60) });
    expect(await item(run)).not.toHaveProperty("headroom");
  });

  test("is rejected a second time, and so is every write based on a run that was read before", async () => {
    const run = await begun();
    await runs.continueAsNew(run, start);
    expect(await runs.continueAsNew(run, start)).toMatchObject({ ok: false, current: { attempt: 2 } });
    expect(await runs.changeStatus(run, [change("complete")])).toMatchObject({
      ok: false,
      current: { attempt: 2 },
    });
    expect(await runs.updateAttributes(run, { set: { checkAt: time(9) } })).toMatchObject({ ok: false });
    const gate = {
      ...{ incarnation: run.incarnation, attempt: 1, now: time(5) },
      currentStep: { name: "A", stepId: "a", entered: time(5) },
    };
    expect(await runs.enterStep("demo", run.runId, gate)).toMatchObject({ ok: false });
    expect(await runs.nextAttempt({ ...run, attempt: 2 })).toMatchObject({
      ok: true,
      run: { attempt: 3 },
    });
  });

  test("and a resume that read the run before it do not lose each other's intent", async () => {
    const run = await begun();
    const paused = await runs.changeStatus(run, [change("pause")]);
    if (!paused.ok) throw new Error("refused");
    const wake = { ...start, id: "wake", kinds: ["wake"] as const };
    const resumed = await runs.changeStatus(paused.run, [change("resume")], { set: { intent: wake } });
    expect(resumed.ok).toBe(true);
    expect(await runs.continueAsNew(paused.run, start)).toMatchObject({ ok: false });
    // A rival's intent at the same revision.
    if (!resumed.ok) return;
    await runs.clearIntent(resumed.run, wake.id);
    const later = { ...start, id: "later" };
    expect(await runs.changeStatus(resumed.run, [change("pause")], { set: { intent: later } })).toMatchObject(
      {
        ok: false,
      },
    );
  });

  test("lets gates spend the history budget until it does not suffice", async () => {
    const run = await begun();
    const enter = (entered: string, growth: number) => {
      const currentStep = { name: "A", stepId: entered, entered };
      return runs.enterStep("demo", run.runId, {
        ...{ incarnation: run.incarnation, attempt: 1, currentStep, now: entered, growth },
      });
    };
    expect(await enter(time(2), 30)).toMatchObject({ ok: true, run: { historyBudget: 10 } });
    expect(await enter(time(3), 11)).toMatchObject({ ok: false, current: { historyBudget: 10 } });
    expect(await enter(time(4), 10)).toMatchObject({ ok: true, run: { historyBudget: 0 } });
    await runs.continueAsNew(await fresh(run), start);
    expect(await enter(time(5), 1)).toMatchObject({ ok: false });
  });
});

const fresh = async ({ runId }: RunItem): Promise<RunItem> => {
  const run = await runs.get("demo", runId);
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
