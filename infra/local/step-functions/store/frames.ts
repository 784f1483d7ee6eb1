import { TimerQueue } from "../../timer-queue.ts";
import type { Journal, Row, WriteBehind } from "../journal.ts";
import type { Control, Frame, Outcome, Phase } from "../model.ts";

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

/** What a unit, or all that is done with, has changed or seen. */
interface Layer {
  /** Frames as they stand; null: as the database has it. */
  readonly frames: Map<number, Frame | null>;
  /** Those that the database does not have so; true: that it does not have at all. */
  readonly dirty: Map<number, boolean>;
}
const newLayer = (): Layer => ({ frames: new Map(), dirty: new Map() });

/** Frames that are remembered beyond those that wait to be written. */
const MOST_KEPT = 5_000;

/**
 * The persisted continuations. `save` counts the epoch up, which voids whatever was begun for the frame before. Who asks for a
 * frame gets a copy, whose changes count once it is saved.
 */
export class Frames implements WriteBehind {
  readonly #journal: Journal;
  readonly #isRunning: (execution: number) => boolean;
  readonly #lowest = newLayer();
  /** Of the units under way, the innermost last. */
  readonly #units: Layer[] = [];
  readonly #wakes = new TimerQueue();
  readonly #wakeOf = new Map<number, { readonly at: number; cancel(): void }>();
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
    this.#units.push(newLayer());
  }

  pop(kept: boolean): void {
    const unit = this.#units.pop();
    if (unit === undefined) return;
    if (!kept) {
      for (const id of unit.frames.keys()) this.#wake(id, this.#find(id)?.wakeAt);
      return;
    }
    const below = this.#top;
    for (const [id, frame] of unit.frames) {
      if (frame === null && below === this.#lowest) below.frames.delete(id);
      else below.frames.set(id, frame);
    }
    for (const [id, fresh] of unit.dirty) below.dirty.set(id, fresh || below.dirty.get(id) === true);
  }

  write(layer: number): void {
    this.#writeOf(this.#lowest);
    for (const unit of this.#units.slice(0, layer)) this.#writeOf(unit);
    if (this.#lowest.frames.size > MOST_KEPT) this.#lowest.frames.clear();
  }

  #writeOf({ frames, dirty }: Layer): void {
    for (const [id, fresh] of dirty) {
      const frame = frames.get(id);
      if (!frame) continue;
      if (fresh) this.#journal.write(INSERT, ...valuesOf(frame), frame.id);
      else this.#journal.write(UPDATE, ...valuesOf(frame), frame.id);
    }
    dirty.clear();
  }

  get #top(): Layer {
    return this.#units.at(-1) ?? this.#lowest;
  }

  get(id: number): Frame | undefined {
    const frame = this.#find(id);
    return frame && { ...frame };
  }

  #find(id: number): Frame | undefined {
    for (let at = this.#units.length - 1; at >= -1; at -= 1) {
      const known = (at < 0 ? this.#lowest : this.#units[at])?.frames.get(id);
      if (known) return known;
      if (known === null) break;
    }
    const row = this.#journal.get(`SELECT ${COLUMNS} FROM frames WHERE id = ?`, id);
    if (!row) return undefined;
    const frame = toFrame(row);
    this.#top.frames.set(id, frame);
    return frame;
  }

  #put(frame: Frame, fresh: boolean): void {
    this.#journal.changed();
    const { frames, dirty } = this.#top;
    frames.set(frame.id, frame);
    dirty.set(frame.id, fresh || dirty.get(frame.id) === true);
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
    const frame = this.get(id);
    return frame?.epoch === epoch && this.#isRunning(frame.execution) ? frame : undefined;
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

  insert(frame: NewFrame): Frame {
    this.#lastId += 1;
    const made: Frame = {
      ...frame,
      id: this.#lastId,
      ...{ epoch: 0, wakeAt: undefined, state: "", entered: 0, enteredEvent: 0, variables: "{}" },
      ...{ outcome: undefined, total: 0, begun: 0, done: 0 },
    };
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

  outcome(frame: Frame): Outcome | undefined {
    return frame.outcome === undefined ? undefined : (JSON.parse(frame.outcome) as Outcome);
  }

  /** The next iteration that has not begun. */
  nextPending(parent: number): Frame | undefined {
    return this.#all("parent = ? AND phase = 'pending' ORDER BY position LIMIT 1", parent)[0];
  }

  /** Takes the timers of an execution that is over. */
  freeze(execution: number): void {
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
    this.#changeAll(execution, "DELETE FROM frames WHERE execution = ?");
  }

  #changeAll(execution: number, sql: string): void {
    this.#journal.sync();
    const ids = this.#journal.all("SELECT id FROM frames WHERE execution = ?", execution);
    this.#journal.run(sql, execution);
    for (const { id } of ids) this.#forget(Number(id));
  }

  /** It is now as the database has it, and waits for no time. */
  #forget(id: number): void {
    this.#top.frames.set(id, null);
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
