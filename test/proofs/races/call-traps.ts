import type { ProofEnvironment } from "../harness/environment.ts";
import { type Fault, FaultInjector, type FaultPlan, type Process } from "../harness/fault-injector.ts";
import type { AwsCall, Invocation } from "../harness/observer.ts";

/** Selects one call. */
export interface TrapPlace {
  /** e.g. `sluice-gate`. */
  readonly functionName: string;
  /** e.g. `UpdateItem`. */
  readonly operation: string;
  /** Part of the call's input as JSON text. */
  readonly about?: string;
  /** The number of the call among those that fit; the first by default. */
  readonly nth?: number;
}

/** One call that is held while others proceed. */
export interface Trap {
  /** Resolves when the call has arrived. */
  readonly caught: Promise<void>;
  /** Sends the call. */
  go(): void;
  /** Kills the process before the call is sent. */
  kill(): void;
  /** Makes the service refuse the call. */
  fail(): void;
}

interface SetTrap extends Trap {
  readonly place: TrapPlace;
  readonly fault: Promise<Fault | undefined>;
  seen: number;
  arrive(): void;
}

/** Holds single calls of single functions. */
export class CallTraps implements FaultPlan {
  readonly #traps: SetTrap[] = [];
  readonly #events = new Map<string, unknown>();
  readonly #running = new Map<string, number>();

  constructor(environment: ProofEnvironment) {
    environment.observer = new FaultInjector(this);
  }

  set(place: TrapPlace): Trap {
    const caught = Promise.withResolvers<void>();
    const fault = Promise.withResolvers<Fault | undefined>();
    const trap: SetTrap = {
      place,
      ...{ seen: 0, arrive: caught.resolve, caught: caught.promise, fault: fault.promise },
      go: () => fault.resolve(undefined),
      kill: () => fault.resolve("dies before"),
      fail: () => fault.resolve("fails"),
    };
    this.#traps.push(trap);
    return trap;
  }

  /** Removes the traps that caught no call. */
  clear(): void {
    this.#traps.length = 0;
  }

  /** The last event of the function. */
  lastEvent(functionName: string): unknown {
    return this.#events.get(functionName);
  }

  /** The number of the function's invocations in progress. */
  running(functionName: string): number {
    return this.#running.get(functionName) ?? 0;
  }

  async invoke({ invocation: { functionName, event } }: Process, run: () => Promise<unknown>) {
    this.#events.set(functionName, event);
    this.#running.set(functionName, this.running(functionName) + 1);
    try {
      return await run();
    } finally {
      this.#running.set(functionName, this.running(functionName) - 1);
    }
  }

  before({ invocation }: Process, call: AwsCall): Fault | undefined | Promise<Fault | undefined> {
    const trap = this.#traps.find((one) => fits(one, invocation, call));
    if (trap === undefined) return undefined;
    this.#traps.splice(this.#traps.indexOf(trap), 1);
    trap.arrive();
    return trap.fault;
  }
}

const fits = (trap: SetTrap, { functionName }: Invocation, call: AwsCall): boolean => {
  const { place } = trap;
  if (place.functionName !== functionName || place.operation !== call.operation) return false;
  if (place.about !== undefined && !JSON.stringify(call.input).includes(place.about)) return false;
  trap.seen += 1;
  return trap.seen === (place.nth ?? 1);
};
