import { createContext, Script } from "node:vm";

// A RegExp runs to its end on the calling thread; only code inside a vm can be told to stop.
const sandbox: { pattern: RegExp | undefined; text: string } = { pattern: undefined, text: "" };
const context = createContext(sandbox);
const run = new Script("RegExp.prototype.exec.call(pattern, text)");

/** A RegExp that throws after a second since it was made, so that no pattern can hang the process. */
export class BoundedRegExp extends RegExp {
  private readonly deadline = performance.now() + 1000;

  override exec(text: string): RegExpExecArray | null {
    sandbox.pattern = this;
    sandbox.text = text;
    return run.runInContext(context, { timeout: Math.max(1, Math.ceil(this.deadline - performance.now())) });
  }
}
