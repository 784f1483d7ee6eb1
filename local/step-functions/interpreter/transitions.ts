import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Region } from "../model/definition.ts";
import { childRegion, isDistributed, stateOf } from "../model/definition.ts";
import type { Execution, ExecutionStatus } from "../model/execution.ts";
import type { Control, Failure, Frame, Outcome } from "../model/frame.ts";
import type { Executions } from "../store/executions.ts";
import type { Frames } from "../store/frames.ts";
import type { History } from "../store/history.ts";
import type { MapRuns } from "../store/map-runs.ts";
import type { Tokens } from "../store/tokens.ts";
import { locate, type PlaceSources } from "./place.ts";
import type { Visit } from "./visit.ts";

const FRESH: Control = { retryCount: 0, retriers: [] };

/** Counts the state transitions that AWS would bill. */
export interface TransitionMeter {
  stateTransition(): void;
}

export interface TransitionDeps extends PlaceSources {
  readonly frames: Frames;
  readonly executions: Executions;
  readonly history: History;
  readonly tokens: Tokens;
  readonly mapRuns: MapRuns;
  readonly clock: Clock;
  readonly meter: TransitionMeter;
  /** Queues a frame that is ready to continue; it does not have to wait for the commit. */
  enqueue(frame: number): void;
  /** Called after the execution's new status has been written. */
  statusChanged(execution: number): void;
}

/** Moves frames through a definition. Every method is synchronous and belongs to one transaction. */
export class Transitions {
  readonly #deps: TransitionDeps;
  constructor(deps: TransitionDeps) {
    this.#deps = deps;
  }

  /** Starts an execution that was just stored. */
  begin(execution: Execution, region: Region, input: string): void {
    const { frames, history } = this.#deps;
    history.append(execution.id, "ExecutionStarted", 0, {
      input,
      inputDetails: { truncated: false },
      roleArn: execution.role,
    });
    const root = frames.insert({
      execution: execution.id,
      parent: undefined,
      position: 0,
      lastEvent: 0,
      silent: false,
      control: FRESH,
      item: undefined,
      phase: "run",
      input,
    });
    this.enter(root, region, region.StartAt, input);
    this.#deps.statusChanged(execution.id);
  }

  enter(frame: Frame, region: Region, name: string, input: string): void {
    const { clock, frames, history, meter } = this.#deps;
    const state = stateOf(region, name);
    // Taken before the event, so that the context object never shows a later time than the history.
    frame.entered = clock.now();
    history.record(frame, `${state["Type"]}StateEntered`, {
      name,
      input,
      inputDetails: { truncated: false },
    });
    frame.state = name;
    frame.enteredEvent = frame.lastEvent;
    frame.input = input;
    frame.control = frame.control.child ? { ...FRESH, child: frame.control.child } : FRESH;
    frame.phase = "run";
    frame.wakeAt = undefined;
    frame.outcome = undefined;
    frame.total = 0;
    frame.begun = 0;
    frame.done = 0;
    frames.save(frame);
    meter.stateTransition();
    this.#deps.enqueue(frame.id);
  }

  /** Leaves a state, with its output as JSON text, for the next state; `next` is undefined at the end of the thread. */
  exit(
    visit: Visit,
    frame: Frame,
    output: string,
    next: string | undefined,
    assigned: Record<string, Json>,
  ): void {
    const names = Object.keys(assigned);
    this.#deps.history.record(frame, `${visit.state["Type"]}StateExited`, {
      name: frame.state,
      output,
      outputDetails: { truncated: false },
      ...(names.length === 0
        ? {}
        : {
            assignedVariables: Object.fromEntries(
              names.map((name) => [name, JSON.stringify(assigned[name])]),
            ),
            assignedVariablesDetails: { truncated: false },
          }),
    });
    if (names.length > 0)
      frame.variables = JSON.stringify({ ...(JSON.parse(frame.variables) as JsonObject), ...assigned });
    if (next === undefined) this.#complete(frame, output);
    else this.enter(frame, visit.region, next, output);
  }

  #complete(frame: Frame, output: string): void {
    if (frame.parent === undefined) {
      this.finish(frame.execution, "SUCCEEDED", {}, output, frame.lastEvent);
      return;
    }
    this.#childDone(frame, { output: JSON.parse(output) as Json });
  }

  /** Completes a thread, after which its Parallel or Map can start further threads or is complete. */
  #childDone(frame: Frame, outcome: Outcome): void {
    const { frames, history } = this.#deps;
    const parent = this.#parent(frame);
    const { state } = this.#locate(parent);
    // As recorded from the service: the next iteration follows this one's last state, not its success.
    const before = frame.silent ? parent.lastEvent : frame.lastEvent;
    if (state["Type"] === "Map")
      history.record(frame, "MapIterationSucceeded", { name: parent.state, index: frame.position });
    frame.phase = "done";
    frame.outcome = JSON.stringify(outcome);
    frames.save(frame);
    parent.done += 1;
    if (!frame.silent) parent.lastEvent = frame.lastEvent;
    frames.touch(parent);
    this.beginPending(parent, state, before);
    if (parent.done === parent.total) this.#deps.enqueue(parent.id);
  }

  /** Stores the threads of a Parallel or Map and starts as many as its concurrency allows. */
  fork(
    visit: Visit,
    frame: Frame,
    threads: readonly { readonly input: string; readonly item?: string; readonly child?: Control["child"] }[],
    limits: Pick<Control, "concurrency" | "tolerated" | "mapRun"> = {},
  ): void {
    const { frames } = this.#deps;
    frame.phase = "children";
    frame.total = threads.length;
    frame.begun = 0;
    frame.done = 0;
    frame.wakeAt = undefined;
    frame.control = { ...frame.control, ...limits, failed: 0 };
    frames.save(frame);
    for (const [position, thread] of threads.entries())
      frames.insert({
        execution: frame.execution,
        parent: frame.id,
        position,
        lastEvent: frame.lastEvent,
        silent: frame.silent || thread.child !== undefined,
        control: thread.child ? { ...FRESH, child: thread.child } : FRESH,
        item: thread.item,
        phase: "pending",
        input: thread.input,
      });
    this.beginPending(frame, visit.state);
    if (frame.total === 0) this.#deps.enqueue(frame.id);
  }

  beginPending(parent: Frame, state: JsonObject, base = parent.lastEvent): void {
    const { frames, history } = this.#deps;
    const limit = parent.control.concurrency ?? 0;
    const inline = state["Type"] === "Map" && !isDistributed(state);
    const begun: Frame[] = [];
    while (parent.begun < parent.total && (limit === 0 || parent.begun - parent.done < limit)) {
      const thread = frames.nextPending(parent.id);
      if (!thread) break;
      thread.lastEvent = base;
      thread.phase = "run";
      if (inline)
        history.record(thread, "MapIterationStarted", { name: parent.state, index: thread.position });
      parent.begun += 1;
      frames.save(thread);
      begun.push(thread);
    }
    if (begun.length === 0) return;
    frames.touch(parent);
    for (const thread of begun) {
      const region = childRegion(state, thread.position);
      this.enter(thread, region, region.StartAt, thread.input);
    }
  }

  /** Ends the state's own work, successfully or not. Voids its token and timers. */
  settle(frame: Frame, outcome: Outcome): void {
    const { frames, tokens } = this.#deps;
    if (frame.control.token !== undefined) tokens.closeFrame(frame.id);
    frame.phase = "settled";
    frame.wakeAt = undefined;
    frame.outcome = JSON.stringify(outcome);
    frames.save(frame);
    this.#deps.enqueue(frame.id);
  }

  /** Ends a thread, and the state or execution that it belongs to, with a failure that no Retry or Catch has handled. */
  fail(frame: Frame, failure: Failure): void {
    const { frames, history } = this.#deps;
    if (frame.parent === undefined) {
      this.finish(frame.execution, "FAILED", failure, undefined, frame.lastEvent);
      return;
    }
    frame.phase = "stopped";
    frame.wakeAt = undefined;
    frames.save(frame);
    const parent = this.#parent(frame);
    const { state } = this.#locate(parent);
    const map = state["Type"] === "Map";
    if (map && isDistributed(state) && this.#tolerates(frame, parent, failure)) return;
    const cause = frame.lastEvent;
    if (map && !isDistributed(state))
      history.record(frame, "MapIterationFailed", { name: parent.state, index: frame.position });
    this.#stopChildren(parent, frame.id, cause);
    // As recorded from the service: a Task whose failure ends its thread is aborted too.
    const own = this.#locate(frame).state["Type"];
    if (own === "Task") history.record(frame, "TaskStateAborted", undefined, cause);
    if (map && isDistributed(state)) {
      const exceeded = {
        error: "States.ExceedToleratedFailureThreshold",
        cause: "The specified tolerated failure threshold was exceeded",
      };
      history.record(parent, "MapRunFailed", exceeded);
      this.#deps.mapRuns.end(parent.control.mapRun ?? "", "FAILED", this.#deps.clock.now());
      this.settle(parent, { failure: exceeded });
      return;
    }
    if (!frame.silent) parent.lastEvent = cause;
    this.settle(parent, { failure });
  }

  #tolerates(frame: Frame, parent: Frame, failure: Failure): boolean {
    const failed = (parent.control.failed ?? 0) + 1;
    parent.control = { ...parent.control, failed };
    this.#deps.frames.touch(parent);
    if (failed > (parent.control.tolerated ?? 0)) return false;
    this.#childDone(frame, { failure });
    return true;
  }

  #stopChildren(parent: Frame, except: number, cause: number): void {
    const { frames, history, tokens } = this.#deps;
    const { state } = this.#locate(parent);
    for (const child of frames.children(parent.id)) {
      if (child.id === except || child.phase === "done" || child.phase === "pending") continue;
      if (child.phase === "stopped") continue;
      this.#stopChildren(child, -1, cause);
      const type = this.#locate(child).state["Type"];
      history.record(child, `${type}StateAborted`, undefined, cause);
      if (state["Type"] === "Map" && !isDistributed(state))
        history.record(child, "MapIterationAborted", { name: parent.state, index: child.position }, cause);
      if (child.control.token !== undefined) tokens.closeFrame(child.id);
      child.phase = "stopped";
      child.wakeAt = undefined;
      frames.save(child);
    }
  }

  /** Ends an execution. The frames of an unsuccessful one are kept for a redrive. */
  finish(
    id: number,
    status: Exclude<ExecutionStatus, "RUNNING">,
    failure: Failure,
    output: string | undefined,
    previous: number,
  ): void {
    const { clock, executions, frames, history, tokens } = this.#deps;
    const event = {
      SUCCEEDED: "ExecutionSucceeded",
      FAILED: "ExecutionFailed",
      TIMED_OUT: "ExecutionTimedOut",
      ABORTED: "ExecutionAborted",
    }[status];
    const { error, cause } = failure;
    history.append(id, event, previous, {
      ...(output === undefined ? {} : { output, outputDetails: { truncated: false } }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    executions.finish(id, status, clock.now(), output, failure);
    tokens.closeExecution(id);
    this.#deps.mapRuns.endAll(id, clock.now());
    if (status === "SUCCEEDED") frames.deleteExecution(id);
    else frames.freeze(id);
    this.#deps.statusChanged(id);
  }

  /** Runs the unsuccessful parts of an execution again. */
  redrive(execution: Execution, deadline: number): void {
    const { clock, executions, frames, history } = this.#deps;
    executions.redrive(execution.id, clock.now(), deadline);
    history.append(execution.id, "ExecutionRedriven", 0, { redriveCount: execution.redrives + 1 });
    for (const frame of frames.ofExecution(execution.id)) {
      const children = frame.total > 0 ? frames.children(frame.id) : [];
      const outcome = frames.outcome(frame);
      if (frame.phase === "pending") continue;
      if (frame.phase === "done" && !(outcome && "failure" in outcome)) continue;
      frame.outcome = undefined;
      if (children.length > 0) {
        const finished = children.filter(
          (child) => child.phase === "done" && !child.outcome?.startsWith('{"failure"'),
        );
        frame.phase = "children";
        frame.begun = children.filter((child) => child.phase !== "pending").length;
        frame.done = finished.length;
        frame.control = { ...frame.control, failed: 0 };
        frames.save(frame);
        if (frame.done === frame.total) this.#deps.enqueue(frame.id);
        continue;
      }
      frame.phase = "run";
      frame.control = frame.control.child ? { ...FRESH, child: frame.control.child } : FRESH;
      frames.save(frame);
      this.#deps.enqueue(frame.id);
    }
    this.#deps.statusChanged(execution.id);
  }

  #parent(frame: Frame): Frame {
    const parent = frame.parent === undefined ? undefined : this.#deps.frames.get(frame.parent);
    if (!parent) throw new Error(`Frame ${frame.id} has no parent`);
    return parent;
  }

  #locate(frame: Frame) {
    return locate(this.#deps, frame, this.#deps.executions.get(frame.execution));
  }
}
