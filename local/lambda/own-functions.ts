import { randomUUID } from "node:crypto";
import { type OwnStack, runAsFunction } from "./caller.ts";
import { type FunctionContext, functionContext } from "./context.ts";
import { failure, type Outcome, returned, thrown, timedOut } from "./outcome.ts";

export type OwnHandler = (event: unknown, context: FunctionContext) => Promise<unknown>;

/** Prefix of the names reserved for Sluice's own functions. */
export const OWN_PREFIX = "sluice-";

/** Lambda's maximum timeout. */
const TIMEOUT_MS = 15 * 60_000;

/** Sluice's handlers, which run in this process. */
export class OwnFunctions {
  readonly #handlers: Readonly<Record<string, OwnHandler>>;
  readonly #stack: OwnStack;
  readonly #deleted = new Set<string>();

  constructor(handlers: Readonly<Record<string, OwnHandler>>, stack: OwnStack) {
    this.#handlers = handlers;
    this.#stack = stack;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#handlers, name) && !this.#deleted.has(name);
  }

  /** Removes the function until the stack starts again, as if someone had deleted it on AWS. */
  delete(name: string): void {
    this.#deleted.add(name);
  }

  names(): readonly string[] {
    return Object.keys(this.#handlers).filter((name) => this.has(name));
  }

  async invoke(functionName: string, payload: string, qualifier?: string): Promise<Outcome> {
    const handler = this.has(functionName) ? this.#handlers[functionName] : undefined;
    if (handler === undefined)
      return failure("Runtime.HandlerNotFound", `This stack has no function ${functionName}`);
    const awsRequestId = randomUUID();
    const deadline = Date.now() + TIMEOUT_MS;
    const context = functionContext({ awsRequestId, functionName, qualifier, deadline });
    let alarm: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Outcome>((resolve) => {
      alarm = setTimeout(() => resolve(timedOut(awsRequestId, TIMEOUT_MS)), TIMEOUT_MS).unref();
    });
    const work = runAsFunction(this.#stack, functionName, async () => {
      try {
        return returned(await handler(JSON.parse(payload), context));
      } catch (error) {
        return thrown(error);
      }
    });
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      clearTimeout(alarm);
    }
  }
}
