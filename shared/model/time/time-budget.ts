import { createContext, Script } from "node:vm";

const sandbox: { work: (() => unknown) | undefined } = { work: undefined };
const context = createContext(sandbox);
const call = new Script("work()");

/** Work that was stopped because its time was up. */
export class TimeBudgetExceeded extends Error {
  constructor(milliseconds: number) {
    super(`It took longer than ${milliseconds} ms`);
    this.name = "TimeBudgetExceeded";
  }
}

/**
 * What synchronous work gives, or TimeBudgetExceeded after so many milliseconds: nothing but a script of `node:vm` can be told to
 * stop, and what it calls stops with it, a regular expression that backtracks too. What the work throws is thrown.
 */
export const withinTime = <T>(milliseconds: number, work: () => T): T => {
  sandbox.work = work;
  try {
    return call.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    // The script's own realm made it: it is no instance of this realm's Error.
    const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
    throw code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? new TimeBudgetExceeded(milliseconds) : error;
  } finally {
    sandbox.work = undefined;
  }
};
