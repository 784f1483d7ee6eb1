import { setImmediate as nextTurn } from "node:timers/promises";
import type fc from "fast-check";
import { functions } from "../../../infra/functions.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import { type Fault, FaultInjector, type FaultPlan, type Process } from "../harness/fault-injector.ts";
import { type AwsCall, type Invocation, isRequest } from "../harness/observer.ts";
import { isUnscheduled, Labels, operationOf } from "./call-labels.ts";
import { type ActorName, isAt, type Plan } from "./plan.ts";
import { type StepCall, UserSteps } from "./user-steps.ts";

/** Learns of everything in a schedule when it takes effect. */
export interface ScheduleObserver {
  called(invocation: Invocation, call: AwsCall, refused: boolean): void;
  answered(invocation: Invocation, succeeded: boolean): void;
  stepBegan(step: StepCall): void;
}

interface Actor {
  readonly name: ActorName;
  calls: number;
}
/** An invocation in progress. */
interface Scheduled {
  readonly actor: Actor;
  readonly label: string;
  /** Calls that wait for their turn. */
  held: number;
  /** Calls that were sent and not answered. */
  sent: number;
}
interface Held {
  readonly label: string;
  readonly stalled: boolean;
  go(): void;
}

const SWEEPER = functions.sweep.name;
/** Activities per blocked invocation: its own, and that of its caller, which is Step Functions, a request or a queue. */
const ACTIVITIES = 2;

/**
 * Holds every AWS call of every function and the end of every user's step, and lets one proceed at a time, when the effects of the one
 * before it are over. The fast-check scheduler alone decides the order, so a schedule can be replayed.
 */
export class CallScheduler implements FaultPlan {
  readonly injector = new FaultInjector(this);
  readonly steps: UserSteps;
  /** The log of everything that proceeded, in order. */
  readonly log: string[] = [];
  observer: ScheduleObserver | undefined;
  /** Whether the sweeper runs by its schedule. */
  sweeps = true;
  readonly #environment: ProofEnvironment;
  readonly #tick: () => void;
  readonly #processes = new Map<Process, Scheduled>();
  readonly #inTransit = new Set<unknown>();
  #actors = new Map<ActorName, Actor>();
  #arrived: Held[] = [];
  #stalled: Held[] = [];
  #longSteps: Held[] = [];
  #lulls = 0;
  #scheduler: fc.Scheduler | undefined;
  #plan: Plan = {};
  #labels = new Labels();
  #frozen = false;

  /** @param tick advances the time, so that no two calls share a millisecond */
  constructor(environment: ProofEnvironment, tick: () => void) {
    this.#environment = environment;
    this.#tick = tick;
    this.steps = new UserSteps(environment.functions.dir, (step) => this.#stepArrived(step));
    environment.observer = this.injector;
  }

  close(): void {
    this.steps.close();
  }

  /** Forgets the previous schedule and its plan. */
  clear(): void {
    this.#plan = {};
    this.#actors = new Map();
    this.#labels = new Labels();
    this.log.length = 0;
  }

  /** Holds everything from now on, including the users' steps in progress. `play` lets it proceed. */
  begin(scheduler: fc.Scheduler, plan: Plan): void {
    this.#scheduler = scheduler;
    this.#plan = plan;
    this.log.length = 0;
    this.#lulls = 0;
    this.#frozen = false;
    for (const step of this.steps.inProgress()) this.#offerStep(step);
  }

  /** Holds all background calls from now on, for the schedule to find them. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Holds nothing from now on. */
  end(): void {
    this.#scheduler = undefined;
    this.#frozen = false;
    const held = [this.#arrived, this.#stalled, this.#longSteps].flatMap((some) => some.splice(0));
    for (const one of held) one.go();
  }

  /** Holds something that is not an AWS call, such as the beginning of an operation. */
  turn(label: string): Promise<void> {
    return new Promise((resolve) => this.#arrived.push({ label, stalled: false, go: resolve }));
  }

  /** Marks a request as being on its way to the stack or back. */
  setInTransit(request: unknown, inTransit: boolean): void {
    if (inTransit) this.#inTransit.add(request);
    else this.#inTransit.delete(request);
  }

  /** Lets one thing proceed after the other until nothing is left. `more` is asked whenever all is idle, and begins more if it can. */
  async play(more: () => boolean): Promise<void> {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return;
    for (;;) {
      await this.idle();
      this.#offerArrived(scheduler);
      if (scheduler.count() > 0) {
        this.#tick();
        await scheduler.waitOne();
      } else if (!this.#continues(more)) return;
    }
  }

  /** Continues when all is idle: with another operation, the end of a step, or at last the call of a slow process. */
  #continues(more: () => boolean): boolean {
    const waits = this.#plan.longSteps?.[this.#lulls] === false && this.#longSteps.length > 0;
    this.#lulls += 1;
    if (!waits && more()) return true;
    const late = this.#longSteps.shift() ?? this.#stalled.shift();
    if (late === undefined) return waits && more();
    this.#arrived.push(late);
    return true;
  }

  /** Resolves when nothing is in progress but what is held. */
  async idle(): Promise<void> {
    for (let looks = 0; looks < 2; ) {
      await nextTurn();
      looks = this.#isIdle() ? looks + 1 : 0;
    }
  }

  async invoke(process: Process, run: () => Promise<unknown>): Promise<unknown> {
    const { invocation } = process;
    if (isUnscheduled(invocation)) return run();
    const operation = operationOf(invocation);
    // Without a fault, nothing may need the sweeper, unless an operation invokes it.
    if (!this.sweeps && invocation.functionName === SWEEPER && operation === undefined) return undefined;
    this.setInTransit(operation, false);
    const label = this.#labels.of(invocation);
    this.#processes.set(process, { actor: this.#actorOf(operation), label, held: 0, sent: 0 });
    let succeeded = false;
    try {
      const answer = await run();
      succeeded = !process.dead;
      return answer;
    } finally {
      this.#processes.delete(process);
      this.setInTransit(operation, operation !== undefined);
      this.observer?.answered(invocation, succeeded);
    }
  }

  async before(process: Process, call: AwsCall): Promise<Fault | undefined> {
    const { invocation } = process;
    const scheduled = this.#processes.get(process);
    if (scheduled === undefined) return undefined;
    const isHeld = this.#scheduler !== undefined || (this.#frozen && !isRequest(invocation));
    if (!isHeld || isUnscheduled(invocation, call)) {
      scheduled.sent += 1;
      return undefined;
    }
    const { actor } = scheduled;
    actor.calls += 1;
    const place = { actor: actor.name, call: actor.calls };
    const label = `${scheduled.label}: ${this.#labels.of(invocation, call)}`;
    const { stall, fault } = this.#plan;
    scheduled.held += 1;
    await new Promise<void>((resolve) => {
      const go = () => {
        scheduled.held -= 1;
        if (!process.dead) scheduled.sent += 1;
        resolve();
      };
      this.#arrived.push({ label, stalled: isAt(stall, place), go });
    });
    if (fault === undefined || process.dead || !isAt(fault, place)) return undefined;
    this.log.push(`    … and ${fault.kind}`);
    return fault.kind;
  }

  after(process: Process, call: AwsCall, outcome: "succeeded" | "refused" | undefined): void {
    const scheduled = this.#processes.get(process);
    if (scheduled === undefined) return;
    scheduled.sent -= 1;
    if (outcome !== undefined) this.observer?.called(process.invocation, call, outcome === "refused");
  }

  #isIdle(): boolean {
    if (this.#inTransit.size > 0) return false;
    let blocked = this.steps.count;
    for (const { held, sent } of this.#processes.values()) {
      if (sent > 0) return false;
      if (held > 0) blocked += 1;
    }
    return this.#environment.activities === ACTIVITIES * blocked;
  }

  /** Sorts what arrived at the same moment, so that the scheduler chooses from the same list in each replay. */
  #offerArrived(scheduler: fc.Scheduler): void {
    const arrived = this.#arrived.splice(0).sort((a, b) => (a.label < b.label ? -1 : 1));
    for (const held of arrived) {
      if (held.stalled) {
        this.log.push(`    … ${held.label} is slow`);
        this.#stalled.push({ ...held, stalled: false });
        continue;
      }
      const turn = scheduler.schedule(Promise.resolve(), held.label);
      void turn.then(() => {
        this.log.push(held.label);
        held.go();
      });
    }
  }

  #stepArrived(step: StepCall): void {
    this.observer?.stepBegan(step);
    if (this.#scheduler !== undefined) this.#offerStep(step);
    else if (!this.steps.isBlocked(step.state)) this.steps.finish(step);
  }

  #offerStep(step: StepCall): void {
    const go = () => this.steps.finish(step);
    const held = this.#plan.longSteps === undefined ? this.#arrived : this.#longSteps;
    held.push({ label: `step ${step.state} of ${this.#labels.run(step.run)} ends`, stalled: false, go });
  }

  #actorOf(operation: string | undefined): Actor {
    const name = operation === undefined ? "background" : Number(operation);
    const actor = this.#actors.get(name) ?? { name, calls: 0 };
    this.#actors.set(name, actor);
    return actor;
  }
}
