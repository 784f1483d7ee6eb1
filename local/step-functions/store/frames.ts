import { TimerQueue } from "../../clock/timer-queue.ts";
import type { Control, Frame, Outcome, Phase } from "../model/frame.ts";
import type { Journal, Row, WriteBehind } from "./database.ts";

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
  /** JSON text: what the thread begins with. */
  readonly input: string;
}

/** Of a frame in memory: it is deleted, though the database may have it. */
const GONE = Symbol("gone");

/** How a frame lay in memory before a unit under way changed that. */
interface Before {
  readonly id: number;
  readonly frame: Frame | typeof GONE | undefined;
  readonly dirty: boolean | undefined;
}

/** Frames that are remembered beyond those that wait to be written. */
const MAX_KEPT = 5_000;

/**
 * The persisted continuations. `save` counts the epoch up, which voids whatever was begun for the frame before. Who asks for a
 * frame gets a copy, whose changes count once it is saved.
 */
export class Frames implements WriteBehind {
  readonly #journal: Journal;
  readonly #isRunning: (execution: number) => boolean;
  /** As they are now; what is not here is as the database has it. */
  readonly #frames = new Map<number, Frame | typeof GONE>();
  /** Those that the database does not have so; true: that it does not have at all. */
  readonly #dirty = new Map<number, boolean>();
  /** What it takes to undo the units under way, the last change last. */
  readonly #undo: Before[] = [];
  /** Of each unit under way, the innermost last: the length of `#undo` before it. */
  readonly #units: number[] = [];
  readonly #wakes = new TimerQueue();
  readonly #wakeOf = new Map<number, { readonly at: number; cancel(): void }>();
  /** The frames of executions that have had no other, by execution: where it is not known, the database is asked. */
  readonly #only = new Map<number, number>();
  #lastId: number;

  constructor(journal: Journal, isRunning: (execution: number) => boolean) {
    this.#journal = journal;
    this.#isRunning = isRunning;
    journal.keep(this);
    this.#lastId = Number(journal.get("SELECT seq FROM sqlite_sequence WHERE name = 'frames'")?.["seq"] ?? 0);
    for (const row of journal.all("SELECT id, wake_at FROM frames WHERE wake_at IS NOT NULL"))
      this.#wake(Number(row["id"]), Number(row["wake_at"]));
  }

  push(): void {
    this.#units.push(this.#undo.length);
  }

  pop(kept: boolean): void {
    const length = this.#units.pop() ?? 0;
    if (!kept && this.#undo.length > length) {
      for (const before of this.#undo.splice(length).reverse()) this.#restore(before);
      this.#only.clear();
    }
    if (this.#units.length === 0) this.#undo.length = 0;
  }

  #restore({ id, frame, dirty }: Before): void {
    if (frame === undefined) this.#frames.delete(id);
    else this.#frames.set(id, frame);
    if (dirty === undefined) this.#dirty.delete(id);
    else this.#dirty.set(id, dirty);
    this.#wake(id, this.#find(id)?.wakeAt);
  }

  /** Before any change of what is in memory. */
  #note(id: number): void {
    if (this.#units.length > 0)
      this.#undo.push({ id, frame: this.#frames.get(id), dirty: this.#dirty.get(id) });
  }

  /** What goes to the database within a unit goes with it, if that comes to nothing, and is then to be written again. */
  write(): void {
    for (const [id, fresh] of this.#dirty) {
      this.#note(id);
      const frame = this.#frames.get(id);
      if (frame === GONE) {
        this.#journal.write("DELETE FROM frames WHERE id = ?", id);
        this.#frames.delete(id);
      } else if (frame !== undefined) {
        if (fresh) this.#journal.write(INSERT, ...valuesOf(frame), frame.id);
        else this.#journal.write(UPDATE, ...valuesOf(frame), frame.id);
      }
    }
    this.#dirty.clear();
  }

  commit(): void {
    this.write();
    if (this.#frames.size > MAX_KEPT) this.#frames.clear();
  }

  readonly full = false;

  get(id: number): Frame | undefined {
    const frame = this.#find(id);
    return frame && { ...frame };
  }

  /** The frame as it is now, without a copy: it never changes, another comes in its place. */
  look(id: number): Readonly<Frame> | undefined {
    return this.#find(id);
  }

  #find(id: number): Frame | undefined {
    const known = this.#frames.get(id);
    if (known !== undefined) return known === GONE ? undefined : known;
    const row = this.#journal.get(`SELECT ${COLUMNS} FROM frames WHERE id = ?`, id);
    if (!row) return undefined;
    const frame = toFrame(row);
    this.#note(id);
    this.#frames.set(id, frame);
    return frame;
  }

  #put(frame: Frame, fresh: boolean): void {
    this.#journal.changed();
    this.#note(frame.id);
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

  /** The frame if nothing has happened to it since and its execution still runs. */
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
    this.#journal.sync();
    return this.#journal.all(`SELECT ${COLUMNS} FROM frames WHERE ${where}`, value).map(toFrame);
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
    if (frame.parent === undefined) this.#only.set(frame.execution, made.id);
    else this.#only.delete(frame.execution);
    this.#put(made, true);
    return { ...made };
  }

  save(frame: Frame): void {
    frame.epoch += 1;
    this.#put({ ...frame }, false);
  }

  /** Changes what does not void the work in progress: a heartbeat, a submitted call, counters of children. */
  touch({ id, wakeAt, lastEvent, control, begun, done }: Frame): void {
    const stored = this.#find(id);
    if (stored) this.#put({ ...stored, wakeAt, lastEvent, control, begun, done }, false);
  }

  outcome(frame: Readonly<Frame>): Outcome | undefined {
    return frame.outcome === undefined ? undefined : (JSON.parse(frame.outcome) as Outcome);
  }

  /** The next iteration that has not begun. */
  nextPending(parent: number): Frame | undefined {
    return this.#all("parent = ? AND phase = 'pending' ORDER BY position LIMIT 1", parent)[0];
  }

  /** Takes the timers of an execution that is over. */
  freeze(execution: number): void {
    this.#only.delete(execution);
    this.#changeAll(execution, "UPDATE frames SET wake_at = NULL, epoch = epoch + 1 WHERE execution = ?");
  }

  /** Deletes what is below the frame. */
  deleteTree(parent: number): void {
    if ((this.#find(parent)?.total ?? 0) === 0) return;
    for (const { id } of this.children(parent)) {
      this.deleteTree(id);
      this.#forget(id);
    }
    this.#journal.run("DELETE FROM frames WHERE parent = ?", parent);
  }

  deleteExecution(execution: number): void {
    const only = this.#only.get(execution);
    this.#only.delete(execution);
    if (only !== undefined) this.#delete(only);
    else this.#changeAll(execution, "DELETE FROM frames WHERE execution = ?");
  }

  #delete(id: number): void {
    this.#journal.changed();
    this.#note(id);
    if (this.#dirty.get(id) === true) {
      // What the database does not have needs not be remembered as gone.
      this.#frames.delete(id);
      this.#dirty.delete(id);
    } else {
      this.#frames.set(id, GONE);
      this.#dirty.set(id, false);
    }
    this.#wake(id, undefined);
  }

  #changeAll(execution: number, sql: string): void {
    this.#journal.sync();
    const ids = this.#journal.all("SELECT id FROM frames WHERE execution = ?", execution);
    this.#journal.run(sql, execution);
    for (const { id } of ids) this.#forget(Number(id));
  }

  /** It is now as the database has it, and waits for no time. */
  #forget(id: number): void {
    this.#note(id);
    this.#frames.delete(id);
    this.#wake(id, undefined);
  }

  nextWake(): number | undefined {
    return this.#wakes.next()?.at;
  }

  due(at: number): Frame[] {
    return this.#all("wake_at <= ? ORDER BY wake_at, id", at);
  }

  /** Frames of running executions that do not wait for a timer: what a new process has to take up. */
  unfinished(): Row[] {
    this.#journal.sync();
    return this.#journal.all(
      "SELECT frames.id, phase, total, done FROM frames JOIN executions ON executions.id = frames.execution WHERE status = 'RUNNING' AND phase IN ('run', 'waited', 'settled', 'task', 'children') ORDER BY frames.id",
    );
  }
}
