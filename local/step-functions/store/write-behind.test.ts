import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Frame } from "../model/frame.ts";
import { Database } from "./database.ts";
import { openStores, type Stores } from "./index.ts";
import { SCHEMA } from "./schema.ts";

/**
 * Frames, events and the outbox are written when a commit or a query needs them. Neither reads nor the files on disk may show
 * that.
 */

const folder = mkdtempSync(join(tmpdir(), "sluice-write-behind-"));
afterAll(() => rmSync(folder, { recursive: true }));
const EXECUTIONS = 2;

/** The expected content of the stores, computed in the simplest way. */
interface Model {
  readonly frames: Map<number, Frame>;
  readonly events: string[][];
  /** Identifies each event of the outbox. */
  readonly outbox: string[];
}
const copyOf = ({ frames, events, outbox }: Model): Model => ({
  outbox: [...outbox],
  frames: new Map([...frames].map(([id, frame]) => [id, { ...frame }])),
  events: events.map((types) => [...types]),
});

type Step =
  | { readonly kind: "insert"; readonly execution: number; readonly parent: number }
  | { readonly kind: "save" | "touch"; readonly which: number; readonly value: number; readonly wake: number }
  | { readonly kind: "freeze" | "deleteExecution" | "append" | "forget"; readonly execution: number }
  | { readonly kind: "deleteTree" | "look"; readonly which: number }
  | { readonly kind: "commit" | "sync" | "tell" | "took" }
  | { readonly kind: "transaction"; readonly steps: readonly Step[]; readonly fails: boolean };

const execution = fc.integer({ min: 1, max: EXECUTIONS });
const which = fc.nat(9);
const changes = fc.record({
  kind: fc.constantFrom("save" as const, "touch" as const),
  ...{ which, value: fc.nat(99), wake: fc.nat(3) },
});
const plain: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), execution, parent: fc.nat(4) }),
  { weight: 3, arbitrary: changes },
  fc.record({ kind: fc.constantFrom("freeze" as const, "append" as const, "append" as const), execution }),
  fc.record({ kind: fc.constantFrom("deleteExecution" as const, "forget" as const), execution }),
  fc.record({ kind: fc.constantFrom("deleteTree" as const, "look" as const), which }),
  fc.record({ kind: fc.constantFrom("sync" as const, "tell" as const) }),
);
const transaction = (inner: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constant("transaction" as const),
    steps: fc.array(inner, { maxLength: 6 }),
    fails: fc.boolean(),
  });
const steps = fc.array(
  fc.oneof(
    plain,
    { weight: 2, arbitrary: transaction(fc.oneof({ weight: 5, arbitrary: plain }, transaction(plain))) },
    // The bus receives only what is on disk, never a change within a transaction.
    fc.constantFrom<Step>({ kind: "commit" }, { kind: "took" }),
  ),
  { maxLength: 25 },
);

class RolledBack extends Error {}

const below = (model: Model, parent: number): Frame[] => {
  const children = [...model.frames.values()].filter((frame) => frame.parent === parent);
  return children.flatMap((child) => [child, ...below(model, child.id)]);
};

class Play {
  model: Model = { frames: new Map(), events: Array.from({ length: EXECUTIONS + 1 }, () => []), outbox: [] };
  #told = 0;
  /** The number of events at the last commit. The bus may have received those. */
  #committed = 0;
  readonly #database: Database;
  readonly #stores: Stores;
  constructor(database: Database, stores: Stores) {
    this.#database = database;
    this.#stores = stores;
  }

  all(played: readonly Step[]): void {
    for (const step of played) {
      this.#one(step);
      this.compare(this.#stores);
    }
  }

  /** Everything that can be read. */
  compare({ frames, history, outbox }: Stores): void {
    const [first] = this.model.outbox;
    expect(outbox.first()?.time).toBe(Number(first) <= this.#committed ? first : undefined);
    for (const [id, frame] of this.model.frames) expect(frames.get(id)).toEqual(frame);
    for (const [id, types] of this.model.events.entries())
      if (id > 0) expect(history.count(id)).toBe(types.length);
    const wakes = [...this.model.frames.values()].flatMap(({ wakeAt }) => wakeAt ?? []);
    expect(frames.nextWake()).toBe(wakes.length === 0 ? undefined : Math.min(...wakes));
  }

  /** Everything that a query finds. */
  search({ frames, history }: Stores): void {
    for (let id = 1; id <= EXECUTIONS; id += 1) {
      const own = [...this.model.frames.values()].filter((frame) => frame.execution === id);
      expect(frames.ofExecution(id)).toEqual(own.sort((a, b) => a.id - b.id));
      const page = history.page(id, { after: 0, limit: 1_000, reverse: false, data: true });
      expect(page.map(({ type }) => type)).toEqual(this.model.events[id]);
      const [from, limit] = [Math.ceil(page.length / 2), 2];
      const onwards = history.page(id, { after: from, limit, reverse: false, data: true });
      expect(onwards).toEqual(page.slice(from, from + limit));
      const backwards = history.page(id, { after: from + 1, limit, reverse: true, data: true });
      expect(backwards).toEqual(page.slice(Math.max(0, from - limit), from).toReversed());
    }
  }

  commit(): void {
    this.#database.flush();
    this.#committed = this.#told;
  }

  takeAll({ outbox }: Stores): void {
    const waiting: string[] = [];
    for (let event = outbox.first(); event !== undefined; event = outbox.first()) {
      waiting.push(event.time);
      outbox.removeFirst();
    }
    expect(waiting).toEqual(this.model.outbox);
  }

  #nth(index: number): Frame | undefined {
    return [...this.model.frames.values()][index % Math.max(1, this.model.frames.size)];
  }

  #one(step: Step): void {
    const { frames, history, outbox } = this.#stores;
    const { model } = this;
    switch (step.kind) {
      case "insert": {
        const own = [...model.frames.values()].filter((frame) => frame.execution === step.execution);
        const parent = own[step.parent % Math.max(1, own.length)];
        const made = frames.insert({
          ...{ execution: step.execution, parent: parent?.id, position: 0, lastEvent: 0, silent: false },
          ...{ control: { retryCount: 0, retriers: [] }, item: undefined, phase: "run", input: "{}" },
        });
        model.frames.set(made.id, { ...made });
        if (parent === undefined) return;
        parent.total += 1;
        parent.epoch += 1;
        const above = frames.get(parent.id) as Frame;
        above.total += 1;
        frames.save(above);
        return;
      }
      case "save":
      case "touch": {
        const known = this.#nth(step.which);
        if (known === undefined) return;
        const frame = frames.get(known.id) as Frame;
        const change = {
          lastEvent: step.value,
          wakeAt: step.wake === 0 ? undefined : step.wake,
          control: { retryCount: step.value, retriers: [] },
        };
        frames[step.kind](Object.assign(frame, change));
        Object.assign(known, change);
        if (step.kind === "save") known.epoch += 1;
        return;
      }
      case "append":
        model.events[step.execution]?.push("PassStateEntered");
        history.append(step.execution, "PassStateEntered", 0, { name: "A" });
        return;
      case "forget":
        model.events[step.execution] = [];
        history.delete(step.execution);
        return;
      case "freeze":
        frames.freeze(step.execution);
        for (const frame of model.frames.values())
          if (frame.execution === step.execution)
            Object.assign(frame, { wakeAt: undefined, epoch: frame.epoch + 1 });
        return;
      case "deleteExecution":
        frames.deleteExecution(step.execution);
        for (const [id, frame] of model.frames)
          if (frame.execution === step.execution) model.frames.delete(id);
        return;
      case "deleteTree": {
        const root = this.#nth(step.which);
        if (root === undefined) return;
        frames.deleteTree(root.id);
        for (const { id } of below(model, root.id)) model.frames.delete(id);
        return;
      }
      case "look": {
        const known = this.#nth(step.which);
        if (known !== undefined)
          expect(
            frames
              .children(known.id)
              .map(({ id }) => id)
              .sort(),
          ).toEqual(
            [...model.frames.values()]
              .filter(({ parent }) => parent === known.id)
              .map(({ id }) => id)
              .sort(),
          );
        return;
      }
      case "tell": {
        this.#told += 1;
        const time = `${this.#told}`;
        model.outbox.push(time);
        outbox.add({ source: "test", "detail-type": "test", time, resources: [], detail: {} });
        return;
      }
      case "took":
        this.commit();
        outbox.removeFirst();
        model.outbox.shift();
        return;
      case "sync":
        this.#database.writePending();
        return;
      case "commit":
        this.commit();
        return;
      case "transaction":
        this.#transaction(step.steps, step.fails);
    }
  }

  #transaction(played: readonly Step[], fails: boolean): void {
    const before = copyOf(this.model);
    try {
      this.#database.transaction(() => {
        this.all(played);
        if (fails) throw new RolledBack();
      });
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
      this.model = before;
    }
  }
}

let databases = 0;

test.each(["in memory", "on disk"])("nested and failing transactions, queries and commits, %s", (where) => {
  fc.assert(
    fc.property(steps, (played) => {
      databases += 1;
      const file = where === "on disk" ? join(folder, `${databases}.db`) : ":memory:";
      const database = new Database(new DatabaseSync(file), SCHEMA);
      const stores = openStores(database, () => 0);
      const play = new Play(database, stores);
      play.all(played);
      play.search(stores);
      play.commit();
      if (where === "in memory") play.takeAll(stores);
      database.close();
      if (where === "in memory") return;
      const again = new Database(new DatabaseSync(file), SCHEMA);
      const found = openStores(again, () => 0);
      play.compare(found);
      play.search(found);
      play.takeAll(found);
      again.close();
      const last = new Database(new DatabaseSync(file), SCHEMA);
      expect(openStores(last, () => 0).outbox.first()).toBeUndefined();
      last.close();
    }),
    { seed: 7, numRuns: Number(process.env["WRITE_BEHIND_RUNS"] ?? 150) },
  );
});

test("a data folder from before events shared rows shows the same histories, and continues", () => {
  const sqlite = new DatabaseSync(join(folder, "old.db"));
  sqlite.exec(`
    CREATE TABLE events (execution INTEGER NOT NULL, id INTEGER NOT NULL, at REAL NOT NULL, type TEXT NOT NULL,
      previous INTEGER NOT NULL, details TEXT, PRIMARY KEY (execution, id)) WITHOUT ROWID;
    INSERT INTO events VALUES (1, 1, 1000, 'ExecutionStarted', 0, '{"input":"{}"}'), (1, 2, 2500.5, 'MapStateStarted', 1, NULL);`);
  const database = new Database(sqlite, SCHEMA);
  const { history } = openStores(database, () => 3_000);
  history.append(1, "PassStateEntered", 2, { name: "A" });
  const page = () => history.page(1, { after: 0, limit: 10, reverse: false, data: true });
  const shown = page();
  expect(shown).toEqual([
    {
      ...{ id: 1, previousEventId: 0, timestamp: 1, type: "ExecutionStarted" },
      executionStartedEventDetails: { input: "{}" },
    },
    { id: 2, previousEventId: 1, timestamp: 2.5005, type: "MapStateStarted" },
    {
      ...{ id: 3, previousEventId: 2, timestamp: 3, type: "PassStateEntered" },
      stateEnteredEventDetails: { name: "A" },
    },
  ]);
  database.flush();
  expect(page()).toEqual(shown);
  expect(history.count(1)).toBe(3);
  database.close();
});

test("pages of a long history begin anywhere, in both directions", () => {
  const database = new Database(new DatabaseSync(join(folder, "long.db")), SCHEMA);
  const { history } = openStores(database, () => 0);
  const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
  for (const id of ids) {
    // Short and long events: a row is limited in number and in size.
    history.append(1, "PassStateEntered", id - 1, {
      name: "A",
      input: "x".repeat(id % 7 === 0 ? 20_000 : 10),
    });
    if (id === 430 || id === 431 || id === 900) database.flush();
  }
  const page = (after: number, reverse: boolean) =>
    history.page(1, { after, limit: 40, reverse, data: false }).map(({ id }) => id);
  for (const at of [0, 1, 99, 100, 101, 429, 430, 431, 899, 900, 901, 980, 1_000]) {
    expect(page(at, false)).toEqual(ids.slice(at, at + 40));
    expect(page(at + 1, true)).toEqual(ids.slice(Math.max(0, at - 40), at).toReversed());
  }
  database.close();
});
