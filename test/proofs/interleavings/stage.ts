import { setImmediate as nextTurn } from "node:timers/promises";
import type fc from "fast-check";
import { functions } from "../../../infra/functions.ts";
import {
  type AwsCall,
  death,
  type Invocation,
  type ProofStack,
  unavailable,
  type Watch,
} from "../harness/proof-stack.ts";
import { isRequest, Labels, markOf, standsAside } from "./calls.ts";
import { type ActorName, type Fault, type FaultKind, faultAt } from "./mishaps.ts";
import { type StepCall, UserSteps } from "./user-steps.ts";

/** What the rules of a schedule are told, each thing when it takes effect. */
export interface Audience {
  called(invocation: Invocation, call: AwsCall, failed: boolean): void;
  answered(invocation: Invocation, ok: boolean): void;
  stepBegan(step: StepCall): void;
}

/** What happens in one schedule beside its order. */
export interface Plan {
  readonly mishap?: Fault | undefined;
  /** This call is let go only when nothing else can go on: a slow process. */
  readonly stall?: { readonly actor: ActorName; readonly call: number } | undefined;
  /** The users' steps take long: each time that all else stands still, whether the next operation begins before one ends. */
  readonly longSteps?: readonly boolean[] | undefined;
}

interface Actor {
  readonly name: ActorName;
  calls: number;
}
/** An invocation under way. */
interface Live {
  readonly actor: Actor;
  readonly label: string;
  held: number;
  flying: number;
  dead: boolean;
  die(): void;
}
interface Held {
  readonly label: string;
  readonly stalled: boolean;
  go(): void;
}

/** An activity of an invocation, and one of who waits for it: Step Functions, a request, a queue. */
const ACTIVITIES = 2;

/**
 * Holds every AWS call of every function, and every end of a user's step, until the schedule lets it go: one at a time, and the
 * next only when all that follows from it stands still again. So the order is the scheduler's and nobody else's, and it replays.
 */
export class Stage implements Watch {
  readonly steps: UserSteps;
  /** The order in which things were let go, as people read it. */
  readonly told: string[] = [];
  audience: Audience | undefined;
  /** Whether the sweeper's own ticks take place. */
  sweeps = true;
  readonly #proof: ProofStack;
  readonly #tick: () => void;
  readonly #live = new Map<Invocation, Live>();
  readonly #transit = new Set<unknown>();
  #actors = new Map<ActorName, Actor>();
  #arrived: Held[] = [];
  #stalled: Held[] = [];
  #longSteps: Held[] = [];
  #lulls = 0;
  #scheduler: fc.Scheduler | undefined;
  #plan: Plan = {};
  #labels = new Labels();
  #frozen = false;

  /** @param tick moves the time by a moment: no two calls happen in one millisecond */
  constructor(proof: ProofStack, tick: () => void) {
    this.#proof = proof;
    this.#tick = tick;
    this.steps = new UserSteps(proof.functions.dir, (step) => this.#stepArrived(step));
    proof.watch = this;
  }

  close(): void {
    this.steps.close();
  }

  /** Another schedule, which knows nothing of the one before: not of what was to befall its calls either. */
  clear(): void {
    this.#plan = {};
    this.#actors = new Map();
    this.#labels = new Labels();
    this.told.length = 0;
  }

  /** From here on everything is held; `play` lets it go. What steps of users stand still are part of it. */
  begin(scheduler: fc.Scheduler, plan: Plan): void {
    this.#scheduler = scheduler;
    this.#plan = plan;
    this.told.length = 0;
    this.#lulls = 0;
    this.#frozen = false;
    for (const step of this.steps.standing()) this.#offerStep(step);
  }

  /** From here on the machinery behind the operations stands still, as the schedule will find it. */
  freeze(): void {
    this.#frozen = true;
  }

  /** From here on nothing is held any more. */
  end(): void {
    this.#scheduler = undefined;
    this.#frozen = false;
    const held = [this.#arrived, this.#stalled, this.#longSteps].flatMap((some) => some.splice(0));
    for (const one of held) one.go();
  }

  /** Holds one thing that is no AWS call, such as the beginning of an operation. */
  turn(label: string): Promise<void> {
    return new Promise((resolve) => this.#arrived.push({ label, stalled: false, go: resolve }));
  }

  /** A request is on its way to the stack, or its answer back. */
  travels(request: unknown, travelling: boolean): void {
    if (travelling) this.#transit.add(request);
    else this.#transit.delete(request);
  }

  /** Lets one thing go after the other until nothing is left; `more` is asked when all stands still, and begins more if it can. */
  async play(more: () => boolean): Promise<void> {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return;
    for (;;) {
      await this.rest();
      this.#continueAsNew(scheduler);
      if (scheduler.count() > 0) {
        this.#tick();
        await scheduler.waitOne();
      } else if (!this.#goesOn(more)) return;
    }
  }

  /** All stands still: another operation, the end of a step, or at last the call of a slow process. */
  #goesOn(more: () => boolean): boolean {
    const waits = this.#plan.longSteps?.[this.#lulls] === false && this.#longSteps.length > 0;
    this.#lulls += 1;
    if (!waits && more()) return true;
    const late = this.#longSteps.shift() ?? this.#stalled.shift();
    if (late === undefined) return waits && more();
    this.#arrived.push(late);
    return true;
  }

  /** Until nothing goes on but what is held. */
  async rest(): Promise<void> {
    for (let still = 0; still < 2; ) {
      await nextTurn();
      still = this.#standsStill() ? still + 1 : 0;
    }
  }

  async invoke(invocation: Invocation, go: () => Promise<unknown>): Promise<unknown> {
    if (standsAside(invocation)) return go();
    // In a schedule in which nothing fails, nothing may need the sweeper but what asks for it.
    if (!this.sweeps && invocation.functionName === SWEEPER && markOf(invocation) === undefined)
      return undefined;
    this.travels(markOf(invocation), false);
    const dead = Promise.withResolvers<void>();
    const live: Live = {
      actor: this.#actorOf(invocation),
      label: this.#labels.of(invocation),
      ...{ held: 0, flying: 0, dead: false },
      die: () => {
        live.dead = true;
        dead.resolve();
      },
    };
    this.#live.set(invocation, live);
    let failure: unknown;
    try {
      return await Promise.race([go(), dead.promise.then(() => death(invocation))]);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#live.delete(invocation);
      this.travels(markOf(invocation), markOf(invocation) !== undefined);
      this.audience?.answered(invocation, !live.dead && failure === undefined);
    }
  }

  async call<Answer>(invocation: Invocation, call: AwsCall, go: () => Promise<Answer>): Promise<Answer> {
    const live = this.#live.get(invocation);
    if (live === undefined) return standsAside(invocation) ? go() : new Promise<never>(() => undefined);
    if (live.dead) return new Promise<never>(() => undefined);
    const isFree = this.#scheduler === undefined && !(this.#frozen && !isRequest(invocation));
    if (isFree || standsAside(invocation, call)) {
      return this.#perform(live, invocation, call, go, undefined);
    }
    live.actor.calls += 1;
    const place = { actor: live.actor.name, call: live.actor.calls };
    const label = `${live.label}: ${this.#labels.of(invocation, call)}`;
    const { stall, mishap } = this.#plan;
    const stalled = stall?.actor === place.actor && stall.call === place.call;
    live.held += 1;
    await new Promise<void>((resolve) => {
      this.#arrived.push({
        label,
        stalled,
        go: () => {
          live.held -= 1;
          if (!live.dead) live.flying += 1;
          resolve();
        },
      });
    });
    if (live.dead) return new Promise<never>(() => undefined);
    live.flying -= 1;
    return this.#perform(live, invocation, call, go, faultAt(mishap, place));
  }

  async #perform<Answer>(
    live: Live,
    invocation: Invocation,
    call: AwsCall,
    go: () => Promise<Answer>,
    mishap: FaultKind | undefined,
  ): Promise<Answer> {
    if (mishap !== undefined) this.told.push(`    … and ${mishap}`);
    if (mishap === "dies before") return this.#dies(live);
    if (mishap === "fails") throw unavailable();
    live.flying += 1;
    try {
      // The SDK's own retry of a call that took effect: the same call once more, byte for byte.
      if (mishap === "is tried again") await go().catch(() => undefined);
      const answer = await go();
      this.audience?.called(invocation, call, false);
      if (mishap === "loses its answer") throw unavailable();
      if (mishap === "dies after") return this.#dies(live);
      return answer;
    } catch (error) {
      this.audience?.called(invocation, call, true);
      if (mishap === "dies after") return this.#dies(live);
      throw error;
    } finally {
      live.flying -= 1;
    }
  }

  #dies(live: Live): Promise<never> {
    live.die();
    return new Promise<never>(() => undefined);
  }

  #standsStill(): boolean {
    if (this.#transit.size > 0) return false;
    let blocked = this.steps.count;
    for (const { held, flying } of this.#live.values()) {
      if (flying > 0) return false;
      if (held > 0) blocked += 1;
    }
    return this.#proof.underWay === ACTIVITIES * blocked;
  }

  /** What came at the same moment is put in an order of its own, so that the scheduler chooses among the same things each time. */
  #continueAsNew(scheduler: fc.Scheduler): void {
    const arrived = this.#arrived.splice(0).sort((a, b) => (a.label < b.label ? -1 : 1));
    for (const held of arrived) {
      if (held.stalled) {
        this.told.push(`    … ${held.label} is slow`);
        this.#stalled.push({ ...held, stalled: false });
        continue;
      }
      const turn = scheduler.schedule(Promise.resolve(), held.label);
      void turn.then(() => {
        this.told.push(held.label);
        held.go();
      });
    }
  }

  #stepArrived(step: StepCall): void {
    this.audience?.stepBegan(step);
    if (this.#scheduler !== undefined) this.#offerStep(step);
    else if (!this.steps.stands(step.state)) this.steps.finish(step);
  }

  #offerStep(step: StepCall): void {
    const go = () => this.steps.finish(step);
    const held = this.#plan.longSteps === undefined ? this.#arrived : this.#longSteps;
    held.push({ label: `step ${step.state} of ${this.#labels.run(step.run)} ends`, stalled: false, go });
  }

  #actorOf(invocation: Invocation): Actor {
    const request = markOf(invocation);
    const name = request === undefined ? "background" : Number(request);
    const actor = this.#actors.get(name) ?? { name, calls: 0 };
    this.#actors.set(name, actor);
    return actor;
  }
}

const SWEEPER = functions.sweep.name;
