import { createContext, Script } from "node:vm";

const sandbox: { work?: () => unknown } = {};
const context = createContext(sandbox);
const call = new Script("work()");

/** Thrown when work exceeds its time budget. */
export class TimeBudgetExceeded extends Error {
  constructor(milliseconds: number) {
    super(`It took longer than ${milliseconds} ms`);
    this.name = "TimeBudgetExceeded";
  }
}

/**
 * Returns the result of synchronous work, or throws TimeBudgetExceeded after the given time. Only a script of `node:vm` can be
 * interrupted, together with everything that it calls, even a regular expression that backtracks. Errors of the work are
 * rethrown.
 */
export const withinTime = <T>(milliseconds: number, work: () => T): T => {
  sandbox.work = work;
  try {
    return call.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    // The error comes from the script's realm, so it is not an instance of this realm's Error.
    const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
    throw code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? new TimeBudgetExceeded(milliseconds) : error;
  } finally {
    // Lets go of the work's memory.
    delete sandbox.work;
  }
};
