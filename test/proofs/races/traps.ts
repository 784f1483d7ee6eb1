import {
  type AwsCall,
  death,
  type Invocation,
  NOTHING_SPECIAL,
  type ProofStack,
  unavailable,
  type Watch,
} from "../harness/proof-stack.ts";

/** Which call is meant. */
export interface Place {
  /** e.g. `sluice-gate`. */
  readonly functionName: string;
  /** e.g. `UpdateItem`. */
  readonly operation: string;
  /** Part of the call's input as JSON. */
  readonly about?: string;
  /** Which of the matching calls to trap, counted from 1 (the default). */
  readonly nth?: number;
}

/** One call that is held: the rival goes on meanwhile. */
export interface Trap {
  /** Resolves when the call is there. */
  readonly caught: Promise<void>;
  /** Lets it take effect and come back. */
  go(): void;
  /** The process that makes it dies: nothing of it, or of what would follow, takes effect. */
  kill(): void;
  /** The service refuses it, for a fault of its own. */
  fail(): void;
}

interface Laid extends Trap {
  readonly place: Place;
  seen: number;
  arrive(): void;
  readonly fate: Promise<"goes" | "dies" | "fails">;
}

/** Holds single calls of single functions; all others go on as ever. */
export class Traps implements Watch {
  readonly #sets: Laid[] = [];
  readonly #events = new Map<string, unknown>();
  readonly #deaths = new WeakMap<Invocation, () => void>();

  constructor(proof: ProofStack) {
    proof.watch = this;
  }

  set(place: Place): Trap {
    const caught = Promise.withResolvers<void>();
    const fate = Promise.withResolvers<"goes" | "dies" | "fails">();
    const trap: Laid = {
      place,
      ...{ seen: 0, arrive: caught.resolve, caught: caught.promise, fate: fate.promise },
      go: () => fate.resolve("goes"),
      kill: () => fate.resolve("dies"),
      fail: () => fate.resolve("fails"),
    };
    this.#sets.push(trap);
    return trap;
  }

  /** What the function was called with last. */
  lastEvent(functionName: string): unknown {
    return this.#events.get(functionName);
  }

  invoke(invocation: Invocation, go: () => Promise<unknown>): Promise<unknown> {
    const dead = Promise.withResolvers<void>();
    this.#deaths.set(invocation, dead.resolve);
    this.#events.set(invocation.functionName, invocation.event);
    return Promise.race([go(), dead.promise.then(() => death(invocation))]);
  }

  async call<Answer>(invocation: Invocation, call: AwsCall, go: () => Promise<Answer>): Promise<Answer> {
    const trap = this.#sets.find((one) => fits(one, invocation, call));
    if (trap === undefined) return NOTHING_SPECIAL.call(invocation, call, go);
    this.#sets.splice(this.#sets.indexOf(trap), 1);
    trap.arrive();
    const fate = await trap.fate;
    if (fate === "goes") return go();
    if (fate === "fails") throw unavailable();
    this.#deaths.get(invocation)?.();
    return new Promise<never>(() => undefined);
  }
}

const fits = (trap: Laid, { functionName }: Invocation, call: AwsCall): boolean => {
  const { place } = trap;
  if (place.functionName !== functionName || place.operation !== call.operation) return false;
  if (place.about !== undefined && !JSON.stringify(call.input).includes(place.about)) return false;
  trap.seen += 1;
  return trap.seen === (place.nth ?? 1);
};
