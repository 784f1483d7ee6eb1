import { createContext, Script } from "node:vm";
import jsonata from "jsonata";
import { isTame } from "../../../../shared/asl/payload/tame-expression.ts";
import type { Json } from "../../../../shared/model/json/json.ts";
import { remember } from "../limits/bounded-cache.ts";
import { isFunction, plainJson } from "../values/plain-json.ts";
import { addStepFunctions } from "./jsonata-functions.ts";

// A RegExp blocks the calling thread; only code in a vm can be interrupted.
const sandbox: { pattern: RegExp | undefined; text: string } = { pattern: undefined, text: "" };
const context = createContext(sandbox);
const run = new Script("RegExp.prototype.exec.call(pattern, text)");

/** A RegExp that throws when it is used more than a second after its creation, so that no pattern can block the process. */
class BoundedRegExp extends RegExp {
  private readonly deadline = performance.now() + 1000;

  override exec(text: string): RegExpExecArray | null {
    sandbox.pattern = this;
    sandbox.text = text;
    return run.runInContext(context, { timeout: Math.max(1, Math.ceil(this.deadline - performance.now())) });
  }
}

/** The result of an expression: its value, if that is data, or the reason for the failure. */
export type Evaluated =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: "nothing" | "function" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * JSONata's own guard rails, see "Guardrails" in its documentation: milliseconds, nested calls, items of a sequence. The
 * service allows 100 nested calls and about 870,000 items.
 */
const limits = {
  timeout: 1000,
  stack: 500,
  sequence: 1_000_000,
  // The type requires all static members of RegExp; JSONata only calls `new`.
  RegexEngine: BoundedRegExp as unknown as RegExpConstructor,
};

const compiled = remember(500, (text) => {
  const expression = jsonata(text, limits);
  addStepFunctions(expression);
  return { expression, tame: isTame(expression.ast()) };
});

/** JSONata throws plain objects with a code and a message; functions throw errors. */
function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const message = "message" in error ? String(error.message) : "unknown error";
  return "code" in error && /^[A-Z]\d{4}$/.test(String(error.code)) ? `${error.code}: ${message}` : message;
}

const failed = (error: unknown): Evaluated => ({ kind: "failed", reason: reasonOf(error) });

/**
 * Whether an expression can be evaluated in this process. An expression with a syntax error can, since it fails immediately.
 */
export function mayRunHere(text: string): boolean {
  try {
    return compiled(text).tame;
  } catch {
    return true;
  }
}

/** Evaluates an expression in this process. JSONata marks the arrays that it works on, so the bindings must not be shared. */
export async function evaluateHere(text: string, bindings: Record<string, unknown>): Promise<Evaluated> {
  try {
    const found: unknown = await compiled(text).expression.evaluate(undefined, bindings);
    const value = plainJson(found);
    if (isFunction(found)) return { kind: "function" };
    return value === undefined ? { kind: "nothing" } : { kind: "value", value };
  } catch (error) {
    return failed(error);
  }
}
