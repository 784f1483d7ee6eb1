import { createContext, Script } from "node:vm";

// A RegExp blocks the calling thread; only code in a vm can be interrupted.
const sandbox: { pattern: RegExp | undefined; text: string } = { pattern: undefined, text: "" };
const context = createContext(sandbox);
const run = new Script("RegExp.prototype.exec.call(pattern, text)");

/** A RegExp that throws when it is used more than a second after its creation, so that no pattern can block the process. */
export class BoundedRegExp extends RegExp {
  private readonly deadline = performance.now() + 1000;

  override exec(text: string): RegExpExecArray | null {
    sandbox.pattern = this;
    sandbox.text = text;
    return run.runInContext(context, { timeout: Math.max(1, Math.ceil(this.deadline - performance.now())) });
  }
}
