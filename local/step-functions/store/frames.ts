import { TimerQueue } from "../../clock/timer-queue.ts";
import type { Control, Frame, Outcome, Phase } from "../model/frame.ts";
import { type Database, DatabaseStore, type Row, type WriteBehind } from "./database.ts";

const FIELDS =
  "execution, parent, position, phase, epoch, wake_at, state, entered, entered_event, last_event, silent, control, input, variables, outcome, item, total, begun, done";
const COLUMNS = `id, ${FIELDS}`;
const INSERT = `INSERT INTO frames (${FIELDS}, id) VALUES (${"?, ".repeat(FIELDS.split(",").length)}?)`;
const UPDATE = `UPDATE frames SET ${FIELDS.replaceAll(",", " = ?,")} = ? WHERE id = ?`;

/** In the order of `FIELDS`. */
const valuesOf = (frame: Frame): (string | number | null)[] => [
  ...[frame.execution, frame.parent ?? null, frame.position, frame.phase, frame.epoch, frame.wakeAt ?? null],
  ...[frame.state, frame.entered, frame.enteredEvent, frame.lastEvent, frame.silent ? 1 : 0],
  ...[JSON.stringify(frame.control), frame.input, frame.variables, frame.outcome ?? null, frame.item ?? null],
  ...[frame.total, frame.begun, frame.done],
];

const toFrame = (row: Row): Frame => ({
  id: Number(row["id"]),
  execution: Number(row["execution"]),
  parent: row["parent"] === null ? undefined : Number(row["parent"]),
  position: Number(row["position"]),
  phase: String(row["phase"]) as Phase,
  epoch: Number(row["epoch"]),
  wakeAt: row["wake_at"] === null ? undefined : Number(row["wake_at"]),
  state: String(row["state"]),
  entered: Number(row["entered"]),
  enteredEvent: Number(row["entered_event"]),
  lastEvent: Number(row["last_event"]),
  silent: Number(row["silent"]) === 1,
  control: JSON.parse(String(row["control"])) as Control,
  input: String(row["input"]),
  variables: String(row["variables"]),
  outcome: row["outcome"] === null ? undefined : String(row["outcome"]),
  item: row["item"] === null ? undefined : String(row["item"]),
  total: Number(row["total"]),
  begun: Number(row["begun"]),
  done: Number(row["done"]),
});

export interface NewFrame {
  readonly execution: number;
  readonly parent: number | undefined;
  readonly position: number;
  readonly lastEvent: number;
  readonly silent: boolean;
  readonly control: Control;
  readonly item: string | undefined;
  readonly phase: Phase;
  /** JSON text: the input with which the thread begins. */
  readonly input: string;
}

/** Marks a frame as deleted in memory, while the database can still have it. */
const DELETED = Symbol("deleted");

/** Written frames that are kept in memory. */
const MAX_KEPT = 5_000;

/**
 * The persisted continuations. `save` increments the epoch, which voids work started for the previous frame. `get` returns a
 * copy; its changes take effect when it is saved.
 */
export class Frames extends DatabaseStore implements WriteBehind {
  readonly #isRunning: (execution: number) => boolean;
  /** Current frames; those not in the map are as in the database. */
  readonly #frames = new Map<number, Frame | typeof DELETED>();
  /** Frames that differ from the database; true: the database does not have them at all. */
  readonly #dirty = new Map<number, boolean>();
  readonly #wakes = new TimerQueue();
  readonly #wakeOf = new Map<number, { readonly at: number; cancel(): void }>();
  /** By execution, its only frame, if it is known to have had no other. */
  readonly #only = new Map<number, number>();
  #lastId: number;

  constructor(database: Database, isRunning: (execution: number) => boolean) {
    super(database);
    this.#isRunning = isRunning;
    database.register(this);
    this.#lastId = Number(
      database.get("SELECT seq FROM sqlite_sequence WHERE name = 'frames'")?.["seq"] ?? 0,
    );
    for (const row of database.all("SELECT id, wake_at FROM frames WHERE wake_at IS NOT NULL"))
      this.#wake(Number(row["id"]), Number(row["wake_at"]));
  }

  /** Must be called before each change in memory, so that a rollback restores the current frame. */
  #willChange(id: number): void {
    const frame = this.#frames.get(id);
    const dirty = this.#dirty.get(id);
    this.database.onRollback(() => {
      if (frame === undefined) this.#frames.delete(id);
      else this.#frames.set(id, frame);
      if (dirty === undefined) this.#dirty.delete(id);
      else this.#dirty.set(id, dirty);
      this.#wake(id, this.#find(id)?.wakeAt);
    });
  }

  writePending(): void {
    for (const [id, fresh] of this.#dirty) {
      this.#willChange(id);
      const frame = this.#frames.get(id);
      if (frame === DELETED) {
        this.database.write("DELETE FROM frames WHERE id = ?", id);
        this.#frames.delete(id);
      } else if (frame !== undefined) {
        if (fresh) this.database.write(INSERT, ...valuesOf(frame), frame.id);
        else this.database.write(UPDATE, ...valuesOf(frame), frame.id);
      }
    }
    this.#dirty.clear();
  }

  writeAll(): void {
    this.writePending();
    if (this.#frames.size > MAX_KEPT) this.#frames.clear();
  }

  get(id: number): Frame | undefined {
    const frame = this.#find(id);
    return frame && { ...frame };
  }

  /** The current frame, without a copy: frames are replaced, never modified. */
  look(id: number): Readonly<Frame> | undefined {
    return this.#find(id);
  }

  #find(id: number): Frame | undefined {
    const known = this.#frames.get(id);
    if (known !== undefined) return known === DELETED ? undefined : known;
    const row = this.database.get(`SELECT ${COLUMNS} FROM frames WHERE id = ?`, id);
    if (!row) return undefined;
    const frame = toFrame(row);
    this.#willChange(id);
    this.#frames.set(id, frame);
    return frame;
  }

  #put(frame: Frame, fresh: boolean): void {
    this.database.scheduleCommit();
    this.#willChange(frame.id);
    this.#frames.set(frame.id, frame);
    this.#dirty.set(frame.id, fresh || this.#dirty.get(frame.id) === true);
    this.#wake(frame.id, frame.wakeAt);
  }

  #wake(id: number, at: number | undefined): void {
    const known = this.#wakeOf.get(id);
    if (known?.at === at) return;
    known?.cancel();
    if (at === undefined) this.#wakeOf.delete(id);
    else {
      const { cancel } = this.#wakes.add(at, () => undefined, false);
      this.#wakeOf.set(id, { at, cancel });
    }
  }

  /** The frame, provided that it is still in this epoch and its execution is running. */
  current(id: number, epoch: number): Frame | undefined {
    const frame = this.#find(id);
    return frame?.epoch === epoch && this.#isRunning(frame.execution) ? { ...frame } : undefined;
  }

  children(parent: number): Frame[] {
    return this.#all("parent = ? ORDER BY position", parent);
  }

  ofExecution(execution: number): Frame[] {
    return this.#all("execution = ? ORDER BY id", execution);
  }

  #all(where: string, value: number): Frame[] {
    this.database.writePending();
    return this.database.all(`SELECT ${COLUMNS} FROM frames WHERE ${where}`, value).map(toFrame);
  }

  /** The first frame of an execution is its root, the one without a parent. */
  insert(frame: NewFrame): Frame {
    this.#lastId += 1;
    const made: Frame = {
      ...frame,
      id: this.#lastId,
      ...{ epoch: 0, wakeAt: undefined, state: "", entered: 0, enteredEvent: 0, variables: "{}" },
      ...{ outcome: undefined, total: 0, begun: 0, done: 0 },
    };
    if (frame.parent === undefined) {
      this.#only.set(frame.execution, made.id);
      this.database.onRollback(() => this.#only.delete(frame.execution));
    } else this.#only.delete(frame.execution);
    this.#put(made, true);
    return { ...made };
  }

  save(frame: Frame): void {
    frame.epoch += 1;
    this.#put({ ...frame }, false);
  }

  /** Saves changes that do not void the work in progress: a heartbeat, a submitted call, counters of children. */
  touch({ id, wakeAt, lastEvent, control, begun, done }: Frame): void {
    const stored = this.#find(id);
    if (stored) this.#put({ ...stored, wakeAt, lastEvent, control, begun, done }, false);
  }

  outcome(frame: Readonly<Frame>): Outcome | undefined {
    return frame.outcome === undefined ? undefined : (JSON.parse(frame.outcome) as Outcome);
  }

  /** The next iteration that has not started. */
  nextPending(parent: number): Frame | undefined {
    return this.#all("parent = ? AND phase = 'pending' ORDER BY position LIMIT 1", parent)[0];
  }

  /** Clears the timers of an execution that has ended. */
  freeze(execution: number): void {
    this.#only.delete(execution);
    this.#changeAll(execution, "UPDATE frames SET wake_at = NULL, epoch = epoch + 1 WHERE execution = ?");
  }

  /** Deletes the frame's descendants. */
  deleteTree(parent: number): void {
    if ((this.#find(parent)?.total ?? 0) === 0) return;
    for (const { id } of this.children(parent)) {
      this.deleteTree(id);
      this.#forget(id);
    }
    this.database.run("DELETE FROM frames WHERE parent = ?", parent);
  }

  deleteExecution(execution: number): void {
    const only = this.#only.get(execution);
    this.#only.delete(execution);
    if (only !== undefined) this.#delete(only);
    else this.#changeAll(execution, "DELETE FROM frames WHERE execution = ?");
  }

  #delete(id: number): void {
    this.database.scheduleCommit();
    this.#willChange(id);
    if (this.#dirty.get(id) === true) {
      // The database does not have the frame, so there is nothing to delete there.
      this.#frames.delete(id);
      this.#dirty.delete(id);
    } else {
      this.#frames.set(id, DELETED);
      this.#dirty.set(id, false);
    }
    this.#wake(id, undefined);
  }

  #changeAll(execution: number, sql: string): void {
    this.database.writePending();
    const ids = this.database.all("SELECT id FROM frames WHERE execution = ?", execution);
    this.database.run(sql, execution);
    for (const { id } of ids) this.#forget(Number(id));
  }

  /** Drops a frame from memory. It is unchanged in the database and has no timer. */
  #forget(id: number): void {
    this.#willChange(id);
    this.#frames.delete(id);
    this.#wake(id, undefined);
  }

  nextWake(): number | undefined {
    return this.#wakes.next()?.at;
  }

  due(at: number): Frame[] {
    return this.#all("wake_at <= ? ORDER BY wake_at, id", at);
  }

  /** Frames of running executions that do not wait for a timer: those that a new process has to continue. */
  unfinished(): Row[] {
    this.database.writePending();
    return this.database.all(
      "SELECT frames.id, phase, total, done FROM frames JOIN executions ON executions.id = frames.execution WHERE status = 'RUNNING' AND phase IN ('run', 'waited', 'settled', 'task', 'children') ORDER BY frames.id",
    );
  }
}
