import type { Journal, Row } from "../journal.ts";
import type { Control, Frame, Outcome, Phase } from "../model.ts";

const COLUMNS =
  "id, execution, parent, position, phase, epoch, wake_at, state, entered, entered_event, last_event, silent, control, input, variables, outcome, item, total, begun, done";

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

/** The persisted continuations. `save` counts the epoch up, which voids whatever was begun for the frame before. */
export class Frames {
  readonly #journal: Journal;
  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get(id: number): Frame | undefined {
    const row = this.#journal.get(`SELECT ${COLUMNS} FROM frames WHERE id = ?`, id);
    return row && toFrame(row);
  }

  /** The frame if nothing has happened to it since and its execution still runs. */
  current(id: number, epoch: number): Frame | undefined {
    const row = this.#journal.get(
      "SELECT 1 FROM frames JOIN executions ON executions.id = frames.execution WHERE frames.id = ? AND epoch = ? AND status = 'RUNNING'",
      id,
      epoch,
    );
    return row && this.get(id);
  }

  children(parent: number): Frame[] {
    return this.#journal
      .all(`SELECT ${COLUMNS} FROM frames WHERE parent = ? ORDER BY position`, parent)
      .map(toFrame);
  }

  ofExecution(execution: number): Frame[] {
    return this.#journal
      .all(`SELECT ${COLUMNS} FROM frames WHERE execution = ? ORDER BY id`, execution)
      .map(toFrame);
  }

  insert(frame: NewFrame): Frame {
    const id = this.#journal.run(
      "INSERT INTO frames (execution, parent, position, phase, state, entered, entered_event, last_event, silent, control, input, variables, item) VALUES (?, ?, ?, ?, '', 0, 0, ?, ?, ?, ?, '{}', ?)",
      frame.execution,
      frame.parent ?? null,
      frame.position,
      frame.phase,
      frame.lastEvent,
      frame.silent ? 1 : 0,
      JSON.stringify(frame.control),
      frame.input,
      frame.item ?? null,
    );
    const made = this.get(id);
    if (!made) throw new Error(`frame ${id} was not stored`);
    return made;
  }

  save(frame: Frame): void {
    frame.epoch += 1;
    this.#journal.run(
      "UPDATE frames SET phase = ?, epoch = ?, wake_at = ?, state = ?, entered = ?, entered_event = ?, last_event = ?, control = ?, input = ?, variables = ?, outcome = ?, total = ?, begun = ?, done = ? WHERE id = ?",
      frame.phase,
      frame.epoch,
      frame.wakeAt ?? null,
      frame.state,
      frame.entered,
      frame.enteredEvent,
      frame.lastEvent,
      JSON.stringify(frame.control),
      frame.input,
      frame.variables,
      frame.outcome ?? null,
      frame.total,
      frame.begun,
      frame.done,
      frame.id,
    );
  }

  /** Changes what does not void the work in progress: a heartbeat, a submitted call, counters of children. */
  touch(frame: Frame): void {
    this.#journal.run(
      "UPDATE frames SET wake_at = ?, last_event = ?, control = ?, begun = ?, done = ? WHERE id = ?",
      frame.wakeAt ?? null,
      frame.lastEvent,
      JSON.stringify(frame.control),
      frame.begun,
      frame.done,
      frame.id,
    );
  }

  outcome(frame: Frame): Outcome | undefined {
    return frame.outcome === undefined ? undefined : (JSON.parse(frame.outcome) as Outcome);
  }

  /** The next iteration that has not begun. */
  nextPending(parent: number): Frame | undefined {
    const row = this.#journal.get(
      `SELECT ${COLUMNS} FROM frames WHERE parent = ? AND phase = 'pending' ORDER BY position LIMIT 1`,
      parent,
    );
    return row && toFrame(row);
  }

  /** Takes the timers of an execution that is over. */
  freeze(execution: number): void {
    this.#journal.run("UPDATE frames SET wake_at = NULL, epoch = epoch + 1 WHERE execution = ?", execution);
  }

  deleteTree(parent: number): void {
    for (const row of this.#journal.all("SELECT id, total FROM frames WHERE parent = ?", parent))
      if (Number(row["total"]) > 0) this.deleteTree(Number(row["id"]));
    this.#journal.run("DELETE FROM frames WHERE parent = ?", parent);
  }

  deleteExecution(execution: number): void {
    this.#journal.run("DELETE FROM frames WHERE execution = ?", execution);
  }

  nextWake(): number | undefined {
    const at = this.#journal.get("SELECT MIN(wake_at) AS at FROM frames WHERE wake_at IS NOT NULL")?.["at"];
    return at === null || at === undefined ? undefined : Number(at);
  }

  due(at: number): Frame[] {
    return this.#journal
      .all(`SELECT ${COLUMNS} FROM frames WHERE wake_at <= ? ORDER BY wake_at, id`, at)
      .map(toFrame);
  }

  /** Frames of running executions that do not wait for a timer: what a new process has to take up. */
  unfinished(): Row[] {
    return this.#journal.all(
      "SELECT frames.id, phase, total, done FROM frames JOIN executions ON executions.id = frames.execution WHERE status = 'RUNNING' AND phase IN ('run', 'waited', 'settled', 'task', 'children') ORDER BY frames.id",
    );
  }
}
