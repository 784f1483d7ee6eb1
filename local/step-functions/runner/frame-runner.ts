import type { Activity, Clock, TimerHandle } from "../../ports/clock.ts";
import type { Integrations, LambdaInvoker, ObjectStore } from "../../ports/services.ts";
import { Failed } from "../interpreter/failure.ts";
import { handleFailure } from "../interpreter/retry-and-catch.ts";
import type { Effect, StateDeps, WaitingTask } from "../interpreter/state-module.ts";
import { type TransitionMeter, Transitions } from "../interpreter/transitions.ts";
import { type Visit, visitOf } from "../interpreter/visit.ts";
import type { Definition } from "../model/definition.ts";
import type { Frame } from "../model/frame.ts";
import { andThen, type MaybePromise, withRecovery } from "../model/maybe-promise.ts";
import { STATES } from "../states/index.ts";
import type { NestedExecution } from "../states/nested-execution.ts";
import { answerNested, expireTask } from "../states/task.ts";
import type { Database } from "../store/database.ts";
import { HistoryFull } from "../store/history.ts";
import type { Stores } from "../store/index.ts";

/** Milliseconds for which the queue may occupy the event loop before it yields. */
const TURN_MS = 8;

interface FrameRunnerDeps {
  readonly database: Database;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly lambda: LambdaInvoker;
  readonly integrations: Integrations;
  readonly objects: ObjectStore;
  readonly startExecution: StateDeps["startExecution"];
  readonly meter: TransitionMeter;
  readonly region: string;
  readonly statusChanged: (execution: number) => void;
  readonly taskWaiting: ((task: WaitingTask) => void) | undefined;
}

/**
 * Runs the frames. All state is in the stores, and committed before anything that depends on it becomes visible. The runner itself
 * holds only the queue of frames that are ready to continue, the calls in progress and one timer, set for the earliest time that
 * any frame or execution waits for.
 */
export class FrameRunner {
  readonly stateDeps: StateDeps;
  readonly #deps: FrameRunnerDeps;
  readonly #queue: number[] = [];
  readonly #ends = new Map<number, () => void>();
  #running = false;
  #timer: { readonly at: number; readonly handle: TimerHandle } | undefined;

  constructor(deps: FrameRunnerDeps) {
    this.#deps = deps;
    const { database, stores, clock } = deps;
    const transitions = new Transitions({
      ...stores,
      clock,
      meter: deps.meter,
      definition: (id): Definition => stores.definitions.get(id),
      enqueue: (frame) => this.enqueue(frame),
      statusChanged: deps.statusChanged,
    });
    this.stateDeps = {
      clock,
      lambda: deps.lambda,
      region: deps.region,
      frames: stores.frames,
      history: stores.history,
      tokens: stores.tokens,
      mapRuns: stores.mapRuns,
      transitions,
      integrations: deps.integrations,
      objects: deps.objects,
      startExecution: deps.startExecution,
      awaitExecution: (frame, arn) => {
        frame.control = { ...frame.control, awaits: arn };
        stores.frames.touch(frame);
        stores.awaited.add(arn, frame.execution, frame.id);
        // The execution may have ended in the same transaction.
        const child = stores.executions.byArn(arn);
        if (child !== undefined && child.status !== "RUNNING") deps.statusChanged(child.id);
      },
      scheduleActivity: (frame, arn, token, input) =>
        stores.activities.offer(arn, { frame: frame.id, token, input }),
      taskOver: (frame) => this.#taskOver(frame),
      call: (frame, perform, then) => this.#call(frame, perform, then),
      mockOf: (execution) => stores.executions.tested.get(execution)?.mock,
      taskWaiting: (task) => {
        const { taskWaiting } = deps;
        if (!taskWaiting) return;
        const end = deps.activity.begin();
        database.afterCommit(() => {
          taskWaiting(task);
          end();
        });
      },
    };
  }

  enqueue(frame: number): void {
    if (this.#ends.has(frame)) return;
    this.#ends.set(frame, this.#deps.activity.begin());
    this.#queue.push(frame);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#drain());
  }

  visit(frame: Readonly<Frame>): Visit {
    const { frames, executions, definitions } = this.#deps.stores;
    return visitOf({ frames, executions, definition: (id) => definitions.get(id) }, frame);
  }

  /** Ends the Tasks that wait for an execution that has ended. If it did not succeed, stops the executions that its own Tasks wait for. */
  executionEnded(id: number): void {
    const { stores } = this.#deps;
    const { arn, status } = stores.executions.get(id);
    for (const { frame: waiting } of stores.awaited.of(arn)) {
      const frame = stores.frames.get(waiting);
      if (frame?.phase !== "task" || frame.control.awaits !== arn) continue;
      answerNested(this.visit(frame), this.stateDeps, frame, described(stores, id));
    }
    stores.awaited.delete(arn);
    if (status !== "SUCCEEDED") for (const { arn: child } of stores.awaited.by(id)) this.#stopNested(child);
  }

  /** As on the service, an execution whose parent no longer waits for it is stopped. */
  #taskOver(frame: Frame): void {
    const { stores } = this.#deps;
    const { awaits, token } = frame.control;
    if (token !== undefined) stores.activities.withdraw(frame.id);
    if (awaits !== undefined) this.#stopNested(awaits);
  }

  #stopNested(arn: string): void {
    const { stores } = this.#deps;
    stores.awaited.delete(arn);
    const child = stores.executions.byArn(arn);
    if (child?.status !== "RUNNING") return;
    this.stateDeps.transitions.finish(child.id, "ABORTED", {}, undefined, 0);
  }

  /** Continues every running execution after a restart. */
  recover(): void {
    for (const row of this.#deps.stores.frames.unfinished()) {
      const waitsForChildren = row["phase"] === "children" && row["done"] !== row["total"];
      if (!waitsForChildren) this.enqueue(Number(row["id"]));
    }
    this.arm();
  }

  /** Sets the timer for the earliest time in the stores. Called after every change that can affect it. */
  arm(): void {
    const { stores, clock, database } = this.#deps;
    if (database.closed) return;
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
      // From here on the frame can be queued again.
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
    const { database, stores } = this.#deps;
    if (database.closed) return;
    const seen = stores.frames.look(id);
    if (!seen || stores.executions.get(seen.execution).status !== "RUNNING") return;
    return andThen(this.#evaluate(this.visit(seen)), (effect) => {
      if (database.closed || !effect) return;
      const frame = stores.frames.current(id, seen.epoch);
      if (frame) this.#apply(frame, effect);
      // Set before the step ends: an advance of the clock must see the timer that the step has set.
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
    return withRecovery<MaybePromise<Effect>>(
      () => handleFailure(visit, this.stateDeps, error.failure),
      defect,
    );
  }

  #work(visit: Visit): MaybePromise<Effect> | undefined {
    const { frame } = visit;
    const outcome = this.#deps.stores.frames.outcome(frame);
    if (frame.phase === "settled" && outcome && "failure" in outcome)
      return handleFailure(visit, this.stateDeps, outcome.failure);
    const module = STATES[String(visit.state["Type"])];
    switch (frame.phase) {
      case "run":
        return module?.run(visit, this.stateDeps);
      case "waited":
        return module?.waited?.(visit, this.stateDeps);
      case "settled":
        return outcome && "output" in outcome
          ? module?.settled?.(visit, this.stateDeps, outcome.output)
          : undefined;
      case "children":
        return frame.done === frame.total ? module?.joined?.(visit, this.stateDeps) : undefined;
      case "task":
        return frame.control.submitted ? undefined : module?.resume?.(visit, this.stateDeps);
      default:
        return undefined;
    }
  }

  #apply(frame: Frame, effect: Effect): void {
    try {
      this.#deps.database.transaction(() => effect(frame));
    } catch (error) {
      if (error instanceof HistoryFull) this.#historyFull(frame.execution, error);
      else this.#defect(frame.execution, error);
    }
  }

  /** Runs a transaction for an execution. If its history is full, the execution fails instead. */
  transaction(execution: number, body: () => void): void {
    try {
      this.#deps.database.transaction(body);
    } catch (error) {
      if (!(error instanceof HistoryFull)) throw error;
      this.#historyFull(execution, error);
    }
    this.arm();
  }

  #historyFull(execution: number, error: HistoryFull): void {
    this.#failExecution(execution, error.message, 24_999);
  }

  /** Fails an execution after an error in the interpreter itself, so that it does not hang. */
  #defect(execution: number, error: unknown): void {
    this.#failExecution(
      execution,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
      0,
    );
  }

  #failExecution(execution: number, cause: string, previous: number): void {
    const { transitions } = this.stateDeps;
    this.#deps.database.transaction(() =>
      transitions.finish(execution, "FAILED", { error: "States.Runtime", cause }, undefined, previous),
    );
  }

  #call<T>(frame: Frame, perform: () => Promise<T>, then: (frame: Frame, result: T) => void): void {
    const { database, stores, activity } = this.#deps;
    const { id, epoch } = frame;
    const end = activity.begin();
    const performed = async (): Promise<void> => {
      try {
        if (database.closed) return;
        const result = await perform();
        if (database.closed) return;
        const current = stores.frames.current(id, epoch);
        if (current) this.transaction(current.execution, () => then(current, result));
      } catch (error) {
        if (!database.closed && stores.frames.current(id, epoch)) this.#defect(frame.execution, error);
      } finally {
        end();
      }
    };
    database.afterCommit(() => void performed());
  }

  #fire(at: number): void {
    const { stores, database } = this.#deps;
    if (database.closed) return;
    this.#timer = undefined;
    for (const frame of stores.frames.due(at))
      this.transaction(frame.execution, () => {
        const current = stores.frames.current(frame.id, frame.epoch);
        if (current) this.#wake(current);
      });
    for (const execution of stores.executions.overdue(at))
      this.transaction(execution.id, () => {
        if (stores.executions.get(execution.id).status === "RUNNING")
          this.stateDeps.transitions.finish(execution.id, "TIMED_OUT", {}, undefined, 0);
      });
    this.arm();
  }

  #wake(frame: Frame): void {
    const { stores, meter } = this.#deps;
    if (frame.phase === "task") {
      expireTask(this.visit(frame), this.stateDeps, frame);
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

/** An execution as DescribeExecution describes it. */
function described(stores: Stores, id: number): NestedExecution {
  const { arn, machine, name, status, started, stopped, error, cause } = stores.executions.get(id);
  const { input, output } = stores.executions.data(id);
  return {
    ...{ executionArn: arn, stateMachineArn: machine, name, status, startDate: started / 1000, input },
    ...(stopped === undefined ? {} : { stopDate: stopped / 1000 }),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}
