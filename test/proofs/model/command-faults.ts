import { FaultInjector, type FaultPlan, type Process } from "../harness/fault-injector.ts";
import { type AwsCall, type Invocation, isRequest } from "../harness/observer.ts";
import type { CommandFault } from "./command.ts";

/** Functions whose callers may deliver an event again: Lambda, Scheduler and EventBridge deliver at least once. */
const REDELIVERED =
  /^sluice-(gate|park|human-step|execution-closed|auto-resume|warning|drain|sweep|bulk-batch)$/;

/** Strikes the first invocation that fits the command's fault, and keeps all events for later redeliveries. */
export class CommandFaults implements FaultPlan {
  readonly injector = new FaultInjector(this);
  readonly #events: Invocation[] = [];
  #fault: CommandFault | undefined;
  #victim: Process | undefined;
  #calls = 0;
  #struck = false;

  arm(fault: CommandFault | undefined): void {
    this.#fault = fault;
    this.#victim = undefined;
    this.#calls = 0;
    this.#struck = false;
  }

  /** Disarms the fault; returns whether it has struck. */
  disarm(): boolean {
    const struck = this.#struck;
    this.arm(undefined);
    return struck;
  }

  event(nth: number): Invocation | undefined {
    return this.#events[nth % this.#events.length];
  }

  async invoke(process: Process, run: () => Promise<unknown>): Promise<unknown> {
    const { invocation } = process;
    if (REDELIVERED.test(invocation.functionName)) this.#events.push(invocation);
    const fault = this.#fault;
    if (fault === undefined || this.#victim !== undefined || !isOf(fault, invocation)) return run();
    this.#victim = process;
    // No client sends a request twice without saying so.
    if (fault.how !== "comes twice" || fault.of === "api") return run();
    this.#struck = true;
    const [first] = await Promise.all([run(), run().catch(() => undefined)]);
    return first;
  }

  before(process: Process, _call: AwsCall) {
    const fault = this.#fault;
    if (fault === undefined || process !== this.#victim || fault.how === "comes twice") return undefined;
    this.#calls += 1;
    if (this.#calls !== fault.call) return undefined;
    this.#struck = true;
    return fault.how;
  }
}

const isOf = (fault: CommandFault, invocation: Invocation): boolean =>
  fault.of === "api" ? isRequest(invocation) : invocation.functionName === fault.of;
