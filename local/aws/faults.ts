import * as z from "zod";
import { AwsError } from "../ports/services.ts";

export const faultSchema = z.strictObject({
  service: z.enum(["dynamodb", "states", "scheduler", "lambda", "events"]),
  /** The operation's name, e.g. `UpdateItem`; `*` is any. */
  operation: z.string().regex(/^(\*|[A-Z][A-Za-z]{1,63})$/),
  when: z.enum(["before", "after"]),
  /** The number of calls that fail. If absent, all calls fail until the faults are cleared. */
  times: z.int().min(1).optional(),
  /** The share of matching calls that fail. */
  probability: z.number().gt(0).max(1).optional(),
  /** Makes the random choice reproducible. */
  seed: z.int().optional(),
  /** The AWS error that the caller gets, or `ConnectionReset`. */
  error: z
    .string()
    .regex(/^[A-Za-z][A-Za-z.]{0,127}$/)
    .optional(),
});
export type FaultRequest = z.infer<typeof faultSchema>;

interface Fault {
  readonly request: FaultRequest;
  readonly random: () => number;
  left: number;
}

/** An error that the SDK does not retry, so that one fault fails one call. */
const DEFAULT_ERROR = "InjectedFault";
/** The connection breaks without a response. */
export const CONNECTION_RESET = "ConnectionReset";

const STATUS_BY_NAME: Readonly<Record<string, number>> = {
  InternalServerError: 500,
  InternalServerException: 500,
  InternalFailure: 500,
  ServiceException: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  TooManyRequestsException: 429,
  AccessDeniedException: 400,
};

/** Faults to inject into matching calls. */
export class Faults {
  #faults: Fault[] = [];

  add(request: FaultRequest): void {
    this.#faults.push({
      request,
      random: request.seed === undefined ? Math.random : seededRandom(request.seed),
      left: request.times ?? Number.POSITIVE_INFINITY,
    });
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly (FaultRequest & { readonly left: number | null })[] {
    return this.#faults.map(({ request, left }) => ({
      ...request,
      left: Number.isFinite(left) ? left : null,
    }));
  }

  /**
   * Runs a call with the faults that match it: a fault `before` prevents the call, one `after` discards its answer.
   * @throws AwsError the fault's error
   */
  async around<T>(
    service: string,
    operation: string,
    call: () => Promise<T>,
    tookEffect: (answer: T) => boolean = () => true,
  ): Promise<T> {
    this.#strike(service, operation, "before");
    const answer = await call();
    if (tookEffect(answer)) this.#strike(service, operation, "after");
    return answer;
  }

  #strike(service: string, operation: string, when: FaultRequest["when"]): void {
    for (const fault of this.#faults) {
      const { request } = fault;
      const matches =
        request.service === service &&
        (request.operation === "*" || request.operation === operation) &&
        request.when === when;
      if (!matches || fault.random() >= (request.probability ?? 1)) continue;
      fault.left -= 1;
      if (fault.left <= 0) this.#faults = this.#faults.filter((other) => other !== fault);
      const name = request.error ?? DEFAULT_ERROR;
      throw new AwsError(name, `Injected fault ${when} ${service}:${operation}`, statusOf(name));
    }
  }
}

const statusOf = (name: string): number => STATUS_BY_NAME[name.replace(/^Lambda\./, "")] ?? 400;

/** Mulberry32, a small generator with a reproducible sequence for each seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
