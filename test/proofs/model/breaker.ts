import type { AwsCall, Invocation, Watch } from "../harness/proof-stack.ts";
import type { Fault } from "./command.ts";

/** What an SDK says of an answer that did not come. */
const lost = (): Error => Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
const died = (): Error => Object.assign(new Error("The process died"), { name: "Runtime.ExitError" });
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Events that a caller may deliver once more: Lambda, Scheduler and EventBridge deliver at least once. */
const BACKGROUND =
  /^sluice-(gate|park|human-step|execution-closed|auto-resume|warning|drain|sweep|bulk-batch)$/;

/** Breaks one invocation as it was ordered, and keeps the events of all for their late copies. */
export class Breaker implements Watch {
  readonly #events: Invocation[] = [];
  #fault: Fault | undefined;
  #victim: Invocation | undefined;
  #calls = 0;
  #dead = false;
  #die: (error: Error) => void = () => undefined;
  #struck = false;
  /** Whether the last fault that was ordered has struck. */
  lastStruck = false;

  order(fault: Fault | undefined): void {
    this.#fault = fault;
    this.#victim = undefined;
    this.#calls = 0;
    this.#dead = false;
    this.lastStruck = this.#struck;
    this.#struck = false;
  }

  event(nth: number): Invocation | undefined {
    return this.#events.length === 0 ? undefined : this.#events[nth % this.#events.length];
  }

  async invoke(invocation: Invocation, go: () => Promise<unknown>): Promise<unknown> {
    if (BACKGROUND.test(invocation.functionName)) this.#events.push(invocation);
    const fault = this.#fault;
    if (fault === undefined || this.#victim !== undefined || !isOf(fault, invocation)) return go();
    this.#victim = invocation;
    if (fault.how === "comes twice") {
      if (fault.of === "api") return go(); // nobody sends a request twice but a client that says so
      this.#struck = true;
      const both = await Promise.all([go(), go().catch(() => undefined)]);
      return both[0];
    }
    const death = new Promise<never>((_resolve, reject) => {
      this.#die = reject;
    });
    death.catch(() => undefined);
    return Promise.race([go(), death]);
  }

  async call<Answer>(invocation: Invocation, _call: AwsCall, go: () => Promise<Answer>): Promise<Answer> {
    const fault = this.#fault;
    if (fault === undefined || invocation !== this.#victim) return go();
    if (this.#dead) return never();
    this.#calls += 1;
    if (this.#calls !== fault.call) return go();
    if (fault.how === "comes twice") return go();
    this.#struck = true;
    if (fault.how === "is refused") throw lost();
    if (fault.how === "dies before") return this.#end();
    const answer = await go();
    if (fault.how === "loses the reply") throw lost();
    return this.#end(answer);
  }

  #end<T>(_unseen?: T): Promise<T> {
    this.#dead = true;
    this.#die(died());
    return never<T>();
  }
}

const isOf = (fault: Fault, { functionName, event }: Invocation): boolean =>
  fault.of === "api"
    ? typeof event === "object" && event !== null && "requestContext" in event
    : functionName === fault.of;
