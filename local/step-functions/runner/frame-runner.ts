import type { Activity, Clock, TimerHandle } from "../../ports/clock.ts";
import type { LambdaInvoker } from "../../ports/lambda.ts";
import { Failed } from "../interpreter/failure.ts";
import type { Effect, Kernel, WaitingTask } from "../interpreter/kernel.ts";
import { handleFailure } from "../interpreter/retry-and-catch.ts";
import { type TransitionMeter, Transitions } from "../interpreter/transitions.ts";
import { type Visit, visitOf } from "../interpreter/visit.ts";
import type { Definition } from "../model/definition.ts";
import type { Frame } from "../model/frame.ts";
import { andThen, type MaybePromise, withRecovery } from "../model/maybe-promise.ts";
import { STATES } from "../states/index.ts";
import { expireTask } from "../states/task.ts";
import type { Journal } from "../store/database.ts";
import { HistoryFull } from "../store/history.ts";
import type { Stores } from "../store/index.ts";

/** How long one turn of the queue may keep the event loop before it lets others in. */
const TURN_MS = 8;

interface EngineParts {
  readonly journal: Journal;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  readonly meter: TransitionMeter;
  readonly region: string;
  readonly statusChanged: (execution: number) => void;
  readonly taskWaiting: ((task: WaitingTask) => void) | undefined;
}

/**
 * Moves the frames. All state is in the stores, and on disk before anything that depends on it is let out; in memory here are only
 * the queue of frames that have something to do, the calls under way and one timer, set for the earliest time that any frame or
 * execution waits for.
 */
export class Engine {
  readonly kernel: Kernel;
  readonly #parts: EngineParts;
  readonly #queue: number[] = [];
  readonly #ends = new Map<number, () => void>();
  #running = false;
  #timer: { readonly at: number; readonly handle: TimerHandle } | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { journal, stores, clock } = parts;
    const transitions = new Transitions({
      ...stores,
      clock,
      meter: parts.meter,
      definition: (id): Definition => stores.definitions.get(id),
      enqueue: (frame) => this.enqueue(frame),
      statusChanged: parts.statusChanged,
    });
    this.kernel = {
      clock,
      lambda: parts.lambda,
      region: parts.region,
      frames: stores.frames,
      history: stores.history,
      tokens: stores.tokens,
      transitions,
      recordMessage: (service, action, body) => {
        journal.run("INSERT INTO messages (service, action, body) VALUES (?, ?, ?)", service, action, body);
      },
      call: (frame, perform, then) => this.#call(frame, perform, then),
      taskWaiting: (task) => {
        const { taskWaiting } = parts;
        if (!taskWaiting) return;
        const end = parts.activity.begin();
        journal.afterCommit(() => {
          taskWaiting(task);
          end();
        });
      },
    };
  }

  enqueue(frame: number): void {
    if (this.#ends.has(frame)) return;
    this.#ends.set(frame, this.#parts.activity.begin());
    this.#queue.push(frame);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#drain());
  }

  visit(frame: Readonly<Frame>): Visit {
    const { frames, executions, definitions } = this.#parts.stores;
    return visitOf({ frames, executions, definition: (id) => definitions.get(id) }, frame);
  }

  /** Takes every running execution up where it stood. */
  recover(): void {
    for (const row of this.#parts.stores.frames.unfinished()) {
      const waitsForChildren = row["phase"] === "children" && row["done"] !== row["total"];
      if (!waitsForChildren) this.enqueue(Number(row["id"]));
    }
    this.arm();
  }

  /** Sets the timer for the earliest time in the database. To be called after anything that may have moved it. */
  arm(): void {
    const { stores, clock, journal } = this.#parts;
    if (journal.closed) return;
    const at = Math.min(
      stores.frames.nextWake() ?? Number.POSITIVE_INFINITY,
      stores.executions.nextDeadline() ?? Number.POSITIVE_INFINITY,
    );
    if (this.#timer?.at === at) return;
    this.#timer?.handle.cancel();
    this.#timer =
      at === Number.POSITIVE_INFINITY ? undefined : { at, handle: clock.schedule(at, () => this.#fire(at)) };
  }

  stop(): void {
    this.#timer?.handle.cancel();
    this.#queue.length = 0;
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  async #drain(): Promise<void> {
    let turn = performance.now();
    for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) {
      // What happens to the frame from here on is news: it may be queued again.
      const end = this.#ends.get(id);
      this.#ends.delete(id);
      const step = this.#step(id);
      if (step !== undefined) await step;
      end?.();
      if (performance.now() - turn < TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
    this.#running = false;
  }

  #step(id: number): MaybePromise<void> {
    const { journal, stores } = this.#parts;
    if (journal.closed) return;
    const seen = stores.frames.look(id);
    if (!seen || stores.executions.get(seen.execution).status !== "RUNNING") return;
    return andThen(this.#evaluate(this.visit(seen)), (effect) => {
      if (journal.closed || !effect) return;
      const frame = stores.frames.current(id, seen.epoch);
      if (frame) this.#apply(frame, effect);
      // Before the step counts as over: whoever moves the clock must see the timer that it set.
      this.arm();
    });
  }

  #evaluate(visit: Visit): MaybePromise<Effect | undefined> {
    return withRecovery<MaybePromise<Effect | undefined>>(
      () => this.#work(visit),
      (error) => this.#failed(visit, error),
    );
  }

  #failed(visit: Visit, error: unknown): MaybePromise<Effect> {
    const defect =
      (cause: unknown): Effect =>
      (current) =>
        this.#defect(current.execution, cause);
    if (!(error instanceof Failed)) return defect(error);
    return withRecovery<MaybePromise<Effect>>(() => handleFailure(visit, this.kernel, error.failure), defect);
  }

  #work(visit: Visit): MaybePromise<Effect> | undefined {
    const { frame } = visit;
    const outcome = this.#parts.stores.frames.outcome(frame);
    if (frame.phase === "settled" && outcome && "failure" in outcome)
      return handleFailure(visit, this.kernel, outcome.failure);
    const module = STATES[String(visit.state["Type"])];
    switch (frame.phase) {
      case "run":
        return module?.run(visit, this.kernel);
      case "waited":
        return module?.waited?.(visit, this.kernel);
      case "settled":
        return outcome && "output" in outcome
          ? module?.settled?.(visit, this.kernel, outcome.output)
          : undefined;
      case "children":
        return frame.done === frame.total ? module?.joined?.(visit, this.kernel) : undefined;
      case "task":
        return frame.control.submitted ? undefined : module?.resume?.(visit, this.kernel);
      default:
        return undefined;
    }
  }

  #apply(frame: Frame, effect: Effect): void {
    try {
      this.#parts.journal.atomically(() => effect(frame));
    } catch (error) {
      if (error instanceof HistoryFull) this.#historyFull(frame.execution, error);
      else this.#defect(frame.execution, error);
    }
  }

  /** Runs a unit of writes for an execution; a full history ends the execution instead. */
  unit(execution: number, body: () => void): void {
    try {
      this.#parts.journal.atomically(body);
    } catch (error) {
      if (!(error instanceof HistoryFull)) throw error;
      this.#historyFull(execution, error);
    }
    this.arm();
  }

  #historyFull(execution: number, error: HistoryFull): void {
    this.#abandon(execution, error.message, 24_999);
  }

  /** An error in the interpreter itself: the execution ends rather than hangs. */
  #defect(execution: number, error: unknown): void {
    this.#abandon(execution, error instanceof Error ? (error.stack ?? error.message) : String(error), 0);
  }

  #abandon(execution: number, cause: string, previous: number): void {
    const { transitions } = this.kernel;
    this.#parts.journal.atomically(() =>
      transitions.finish(execution, "FAILED", { error: "States.Runtime", cause }, undefined, previous),
    );
  }

  #call<T>(frame: Frame, perform: () => Promise<T>, then: (frame: Frame, result: T) => void): void {
    const { journal, stores, activity } = this.#parts;
    const { id, epoch } = frame;
    const end = activity.begin();
    const performed = async (): Promise<void> => {
      try {
        if (journal.closed) return;
        const result = await perform();
        if (journal.closed) return;
        const current = stores.frames.current(id, epoch);
        if (current) this.unit(current.execution, () => then(current, result));
      } catch (error) {
        if (!journal.closed && stores.frames.current(id, epoch)) this.#defect(frame.execution, error);
      } finally {
        end();
      }
    };
    journal.afterCommit(() => void performed());
  }

  #fire(at: number): void {
    const { stores, journal } = this.#parts;
    if (journal.closed) return;
    this.#timer = undefined;
    for (const frame of stores.frames.due(at))
      this.unit(frame.execution, () => {
        const current = stores.frames.current(frame.id, frame.epoch);
        if (current) this.#wake(current);
      });
    for (const execution of stores.executions.overdue(at))
      this.unit(execution.id, () => {
        if (stores.executions.get(execution.id).status === "RUNNING")
          this.kernel.transitions.finish(execution.id, "TIMED_OUT", {}, undefined, 0);
      });
    this.arm();
  }

  #wake(frame: Frame): void {
    const { stores, meter } = this.#parts;
    if (frame.phase === "task") {
      expireTask(this.visit(frame), this.kernel, frame);
      return;
    }
    if (frame.phase === "retry") {
      meter.stateTransition();
      frame.phase = "run";
    } else if (frame.phase === "wait") frame.phase = "waited";
    frame.wakeAt = undefined;
    stores.frames.save(frame);
    this.enqueue(frame.id);
  }
}
