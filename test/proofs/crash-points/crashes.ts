import { setTimeout as delay } from "node:timers/promises";
import { functions } from "../../../infra/functions.ts";
import type { AwsCall, Invocation, Watch } from "../harness/proof-stack.ts";

/** What happens at a call. A process that dies makes no further call, and its caller sees an error. */
export const OUTCOMES = ["dies after", "fails after", "fails before", "dies before"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Whose caller tries again: Step Functions, as the compiled flow says, and the table's stream. What calls the others does not. */
const RETRIED = new Set<string>(
  (["gate", "park", "humanStep", "handOver", "drain", "bulkBatch", "publishChanges"] as const).map(
    (key) => functions[key].name,
  ),
);
export const isRetried = (handler: keyof typeof functions): boolean => RETRIED.has(functions[handler].name);

/** The one invocation that is struck, at one of its calls. */
export interface Plan {
  readonly functionName: string;
  /** Of the event, as JSON text. */
  readonly matches: (event: string) => boolean;
  /** Calls that are not counted: those that ask on everybody's behalf. */
  readonly besides?: (call: AwsCall) => boolean;
  /** From 1. */
  readonly at: number;
  readonly outcome: Outcome;
}

/** What became of a plan. */
export interface Strike {
  met: boolean;
  /** Calls of the invocation until it ended, or was struck. */
  calls: number;
  /** The call that it was struck at, e.g. `DynamoDB UpdateItem`; undefined: it made fewer. */
  struck: string | undefined;
}

class Broken extends Error {
  override readonly name = "ConnectionReset";
}
class Died extends Error {
  override readonly name = "Runtime.ExitError";
  override readonly stack = "";
}

interface Victim {
  readonly plan: Plan;
  readonly strike: Strike;
  readonly die: () => void;
  dead: boolean;
}

/** Names of the scenarios' own, and ids of runs and operations. */
export const NAMES = /x\d{5}x|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A write of the sweeper's that is more than a later look. */
const isRepair = ({ service, operation, input }: AwsCall): boolean => {
  if (service !== "DynamoDB") return /^(Start|Stop|Send|Delete)/.test(operation);
  const { UpdateExpression = "" } = input as { UpdateExpression?: string };
  if (operation === "UpdateItem")
    return /#(status|intent|drain|queued|human|deleted)\b/.test(UpdateExpression);
  return /Put|Delete|Write/.test(operation);
};

const NEVER = new Promise<never>(() => undefined);

/** What is taken away from all invocations that mention something: whole functions, or calls of one operation. */
interface Loss {
  readonly mark: string;
  readonly functionName: string;
  readonly operation?: string;
}

/** Strikes each planned invocation once, and loses what the scenarios tell it to. */
export class Crashes implements Watch {
  readonly #plans: { readonly plan: Plan; readonly strike: Strike }[] = [];
  readonly #victims = new WeakMap<Invocation, Victim>();
  readonly #lost = new Set<string>();
  readonly #losses: Loss[] = [];
  #underWay = 0;
  /** What the sweeper has done something for: names and ids in its calls. */
  readonly swept = new Set<string>();

  plan(plan: Plan): Strike {
    const strike: Strike = { met: false, calls: 0, struck: undefined };
    this.#plans.push({ plan, strike });
    return strike;
  }

  /** Resolves when no function has been at work for a moment: a machine that is busy otherwise is not mistaken for one at rest. */
  async atRest(): Promise<void> {
    for (let still = 0; still < 3; still = this.#underWay === 0 ? still + 1 : 0) await delay(20);
  }

  /** From now on, until it is given back. */
  lose(functionName: string, mark: string, operation?: string): void {
    this.#losses.push({ functionName, mark, ...(operation === undefined ? {} : { operation }) });
  }
  giveBack(...marks: readonly string[]): void {
    for (let at = this.#losses.length - 1; at >= 0; at -= 1) {
      if (marks.includes(this.#losses[at]?.mark ?? "")) this.#losses.splice(at, 1);
    }
  }

  async invoke(invocation: Invocation, go: () => Promise<unknown>): Promise<unknown> {
    const { functionName } = invocation;
    const event = JSON.stringify(invocation.event) ?? "";
    if (this.#lost.has(`${functionName} ${event}`)) return undefined;
    const gone = ({ functionName: name, operation, mark }: Loss) =>
      name === functionName && operation === undefined && event.includes(mark);
    if (this.#losses.some(gone)) return undefined;
    const at = this.#plans.findIndex(({ plan }) => plan.functionName === functionName && plan.matches(event));
    const [found] = at < 0 ? [] : this.#plans.splice(at, 1);
    this.#underWay += 1;
    try {
      return await (found === undefined ? go() : this.#strike(invocation, event, found, go));
    } finally {
      this.#underWay -= 1;
    }
  }

  async #strike(
    invocation: Invocation,
    event: string,
    { plan, strike }: { plan: Plan; strike: Strike },
    go: () => Promise<unknown>,
  ): Promise<unknown> {
    strike.met = true;
    const death = Promise.withResolvers<never>();
    death.promise.catch(() => undefined);
    const die = () => death.reject(new Died("The process died"));
    this.#victims.set(invocation, { plan, strike, die, dead: false });
    try {
      return await Promise.race([go(), death.promise]);
    } finally {
      const retried = RETRIED.has(invocation.functionName);
      if (strike.struck !== undefined && !retried) this.#lost.add(`${invocation.functionName} ${event}`);
    }
  }

  async call<Answer>(invocation: Invocation, call: AwsCall, go: () => Promise<Answer>): Promise<Answer> {
    const { functionName } = invocation;
    const refused = ({ functionName: name, operation, mark }: Loss) =>
      name === functionName &&
      operation === call.operation &&
      JSON.stringify([invocation.event, call.input]).includes(mark);
    if (this.#losses.some(refused)) throw new Broken("The scenario takes this call away");
    const victim = this.#victims.get(invocation);
    if (functionName === functions.sweep.name && isRepair(call)) {
      for (const [name] of JSON.stringify(call.input).matchAll(NAMES)) this.swept.add(name);
    }
    if (victim === undefined) return go();
    if (victim.dead) return NEVER;
    if (victim.plan.besides?.(call) === true) return go();
    const { strike, plan } = victim;
    strike.calls += 1;
    if (strike.calls !== plan.at) {
      const answer = await go();
      return victim.dead ? NEVER : answer;
    }
    strike.struck = `${call.service} ${call.operation}`;
    if (plan.outcome === "fails before") throw new Broken("The call was not sent");
    if (plan.outcome === "dies before") return this.#kill(victim);
    // An answer that is lost tells nothing, a refusal neither.
    await go().catch(() => undefined);
    if (plan.outcome === "fails after") throw new Broken("The answer was lost");
    return this.#kill(victim);
  }

  #kill(victim: Victim): Promise<never> {
    victim.dead = true;
    victim.die();
    return NEVER;
  }
}
