import { type AwsCall, type Invocation, isRequest, type Observer } from "./observer.ts";

/**
 * Faults of a call, or of the process that makes it. A process that dies makes no further call. A call that is sent twice is the SDK's own
 * retry of a call that took effect. A call that meets a conflict fails because another writer is changing one of its items, or because
 * DynamoDB processed nothing of its batch. Calls for which neither can happen are not changed.
 */
export const FAULTS = [
  "dies before",
  "dies after",
  "fails",
  "loses its answer",
  "is sent twice",
  "meets a conflict",
] as const;
export type Fault = (typeof FAULTS)[number];

/** The process behind one invocation. */
export interface Process {
  readonly invocation: Invocation;
  readonly dead: boolean;
}

/** Decides which calls a fault strikes. The injector carries the faults out. */
export interface FaultPlan {
  /** Runs an invocation: once, unless the plan drops or repeats it. */
  invoke?(process: Process, run: () => Promise<unknown>): Promise<unknown>;
  /** Chooses the fault of a call, if any. The call is not sent before this resolves. */
  before(process: Process, call: AwsCall): Fault | undefined | Promise<Fault | undefined>;
  /** Learns what became of each call that `before` let through; `undefined`: it was never sent. */
  after?(process: Process, call: AwsCall, outcome: "succeeded" | "refused" | undefined): void;
}

const NEVER = new Promise<never>(() => undefined);

/** An error of the service, as the SDK throws it after its last retry. */
const unavailable = (): Error =>
  Object.assign(new Error("Injected fault"), { name: "ServiceUnavailable", $fault: "server" });
/** The error for an answer that never arrived. */
const answerLost = (): Error => Object.assign(new Error("socket hang up"), { name: "TimeoutError" });

const UNPROCESSED: Readonly<Record<string, string>> = {
  BatchWriteItem: "UnprocessedItems",
  BatchWrite: "UnprocessedItems",
  BatchGetItem: "UnprocessedKeys",
  BatchGet: "UnprocessedKeys",
};

/** Returns the answer of a call that meets a conflict, an error as the SDK throws it or a response; undefined if it cannot meet one. */
const conflicting = ({ service, operation, input }: AwsCall): object | undefined => {
  if (!service.startsWith("DynamoDB")) return undefined;
  const fields = input as { readonly TransactItems?: readonly unknown[]; readonly RequestItems?: object };
  const refused = (name: string, more: object = {}) =>
    Object.assign(new Error("Injected conflict"), { name, $fault: "client", ...more });
  if (operation.startsWith("TransactWrite")) {
    const reasons = (fields.TransactItems ?? []).map((_item, at) => ({
      Code: at === 0 ? "TransactionConflict" : "None",
    }));
    return refused("TransactionCanceledException", { CancellationReasons: reasons });
  }
  if (/^(Put|Update|Delete)/.test(operation)) return refused("TransactionConflictException");
  const unprocessed = UNPROCESSED[operation];
  return unprocessed === undefined ? undefined : { Responses: {}, [unprocessed]: fields.RequestItems };
};

/** The outcome of an invocation whose process dies: API Gateway's answer to a request, otherwise Lambda's error. */
const death = (invocation: Invocation): unknown => {
  if (isRequest(invocation)) return { statusCode: 500, body: '{"message":"Internal Server Error"}' };
  throw Object.assign(new Error("The process died"), { name: "Runtime.ExitError" });
};

/** Carries out the faults that a plan chooses. All proofs break Sluice's functions through it. */
export class FaultInjector implements Observer {
  readonly #plan: FaultPlan;
  readonly #processes = new Map<Invocation, { process: Process & { dead: boolean }; die: () => void }>();

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  async invoke(invocation: Invocation, run: () => Promise<unknown>): Promise<unknown> {
    const process = { invocation, dead: false };
    const died = Promise.withResolvers<void>();
    const die = () => {
      process.dead = true;
      died.resolve();
    };
    this.#processes.set(invocation, { process, die });
    const once = () => Promise.race([run(), died.promise.then(() => death(invocation))]);
    try {
      return await (this.#plan.invoke?.(process, once) ?? once());
    } finally {
      this.#processes.delete(invocation);
    }
  }

  async call<Answer>(invocation: Invocation, call: AwsCall, send: () => Promise<Answer>): Promise<Answer> {
    const known = this.#processes.get(invocation);
    // Lambda freezes a process whose invocation has ended.
    if (known === undefined || known.process.dead) return NEVER;
    const { process, die } = known;
    const fault = await this.#plan.before(process, call);
    if (process.dead) return NEVER;
    if (fault === "fails" || fault === "dies before") {
      this.#plan.after?.(process, call, undefined);
      if (fault === "fails") throw unavailable();
      die();
      return NEVER;
    }
    const conflict = fault === "meets a conflict" ? conflicting(call) : undefined;
    if (conflict !== undefined) {
      this.#plan.after?.(process, call, undefined);
      if (conflict instanceof Error) throw conflict;
      return conflict as Answer;
    }
    if (fault === "is sent twice") await send().catch(() => undefined);
    const [sent] = await Promise.allSettled([send()]);
    this.#plan.after?.(process, call, sent.status === "fulfilled" ? "succeeded" : "refused");
    if (fault === "dies after") die();
    if (process.dead) return NEVER;
    // A refusal is lost like any other answer.
    if (fault === "loses its answer") throw answerLost();
    if (sent.status === "rejected") throw sent.reason;
    return sent.value;
  }
}
