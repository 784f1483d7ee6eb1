import { setTimeout as delay } from "node:timers/promises";
import { functions } from "../../../infra/functions.ts";
import { type Fault, FaultInjector, type FaultPlan, type Process } from "../harness/fault-injector.ts";
import type { AwsCall } from "../harness/observer.ts";

export const CRASH_FAULTS = [
  "dies after",
  "loses its answer",
  "fails",
  "dies before",
  "meets a conflict",
] as const satisfies readonly Fault[];
export type CrashFault = (typeof CRASH_FAULTS)[number];

/** Functions whose caller retries: Step Functions, as the compiled flow says, and the table's stream. */
const RETRIED = new Set<string>(
  (["gate", "park", "humanStep", "handOver", "drain", "bulkBatch", "publishChanges"] as const).map(
    (key) => functions[key].name,
  ),
);
export const isRetried = (handler: keyof typeof functions): boolean => RETRIED.has(functions[handler].name);

/** The one invocation that crashes, at one of its calls. */
export interface PlannedCrash {
  readonly functionName: string;
  /** Whether this is the invocation, by its event as JSON text. */
  readonly matches: (event: string) => boolean;
  /** Calls that are not counted, such as those made on behalf of all scenarios. */
  readonly ignores?: (call: AwsCall) => boolean;
  /** The number of the call, from 1. */
  readonly at: number;
  readonly fault: CrashFault;
}

/** The outcome of a planned crash. */
export interface CrashResult {
  /** Whether the invocation took place. */
  reached: boolean;
  /** Calls of the invocation until it ended or crashed. */
  calls: number;
  /** The call at which it crashed, e.g. `DynamoDB UpdateItem`; undefined if it made fewer calls. */
  crashedAt: string | undefined;
}

/** Names that scenarios choose, and ids of runs and operations. */
export const NAMES = /x\d{5}x|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Whether a call of the sweeper repairs something, rather than scheduling its next visit. */
const isRepair = ({ service, operation, input }: AwsCall): boolean => {
  if (service !== "DynamoDB") return /^(Start|Stop|Send|Delete)/.test(operation);
  const { UpdateExpression = "" } = input as { UpdateExpression?: string };
  if (operation === "UpdateItem")
    return /#(status|intent|drain|queued|human|deleted)\b/.test(UpdateExpression);
  return /Put|Delete|Write/.test(operation);
};

/** A loss for all invocations that mention something: of the whole invocation, or of its calls of one operation. */
interface Loss {
  readonly mark: string;
  readonly functionName: string;
  readonly operation?: string;
}
interface Planned {
  readonly crash: PlannedCrash;
  readonly result: CrashResult;
}

/** Crashes each planned invocation once, and loses what the scenarios ask it to lose. */
export class CrashPlan implements FaultPlan {
  readonly injector = new FaultInjector(this);
  readonly #open: Planned[] = [];
  readonly #victims = new WeakMap<Process, Planned>();
  readonly #crashed = new Set<string>();
  readonly #losses: Loss[] = [];
  #running = 0;
  /** Names and ids in calls by which the sweeper repaired something. */
  readonly repaired = new Set<string>();

  plan(crash: PlannedCrash): CrashResult {
    const result: CrashResult = { reached: false, calls: 0, crashedAt: undefined };
    this.#open.push({ crash, result });
    return result;
  }

  /** Resolves when no function has run for a moment. */
  async idle(): Promise<void> {
    for (let looks = 0; looks < 3; looks = this.#running === 0 ? looks + 1 : 0) await delay(20);
  }

  /** Loses from now on, until `restore`. */
  lose(functionName: string, mark: string, operation?: string): void {
    this.#losses.push({ functionName, mark, ...(operation === undefined ? {} : { operation }) });
  }
  restore(...marks: readonly string[]): void {
    for (let at = this.#losses.length - 1; at >= 0; at -= 1) {
      if (marks.includes(this.#losses[at]?.mark ?? "")) this.#losses.splice(at, 1);
    }
  }

  async invoke(process: Process, run: () => Promise<unknown>): Promise<unknown> {
    const { functionName } = process.invocation;
    const event = JSON.stringify(process.invocation.event) ?? "";
    const key = `${functionName} ${event}`;
    // Nobody retries these: what crashed once is gone.
    if (this.#crashed.has(key) || this.#isLost(functionName, undefined, event)) return undefined;
    const at = this.#open.findIndex(
      ({ crash }) => crash.functionName === functionName && crash.matches(event),
    );
    const [planned] = at < 0 ? [] : this.#open.splice(at, 1);
    if (planned !== undefined) {
      planned.result.reached = true;
      this.#victims.set(process, planned);
    }
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
      if (planned?.result.crashedAt !== undefined && !RETRIED.has(functionName)) this.#crashed.add(key);
    }
  }

  before(process: Process, call: AwsCall): Fault | undefined {
    const { functionName, event } = process.invocation;
    if (this.#isLost(functionName, call.operation, JSON.stringify([event, call.input]))) return "fails";
    if (functionName === functions.sweep.name && isRepair(call)) {
      for (const [name] of JSON.stringify(call.input).matchAll(NAMES)) this.repaired.add(name);
    }
    const victim = this.#victims.get(process);
    if (victim === undefined || victim.crash.ignores?.(call) === true) return undefined;
    const { crash, result } = victim;
    result.calls += 1;
    if (result.calls !== crash.at) return undefined;
    result.crashedAt = `${call.service} ${call.operation}`;
    return crash.fault;
  }

  #isLost(functionName: string, operation: string | undefined, text: string): boolean {
    return this.#losses.some(
      (loss) =>
        loss.functionName === functionName && loss.operation === operation && text.includes(loss.mark),
    );
  }
}
