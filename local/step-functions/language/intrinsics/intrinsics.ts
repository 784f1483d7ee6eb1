import type { Json } from "../../../../shared/model/json/json.ts";
import { lookUp } from "../jsonpath/jsonpath.ts";
import { type Scope, StatesError } from "../values/types.ts";
import { callIntrinsic } from "./intrinsic-functions.ts";
import { type Argument, type Call, parseIntrinsic, unescaped } from "./intrinsic-syntax.ts";

const failed = (error: string, whole: string, why: string) =>
  new StatesError(error, `The function '${whole}' had the following error: ${why}`);

/** A path argument without a value is States.Runtime, in the service's wording (which drops one `$` of `$$`). */
function fromPath(path: string, scope: Scope, whole: string): Json {
  const found = lookUp(path, scope);
  if (found.kind === "found") return found.value;
  const named = path.startsWith("$$") ? path.slice(1) : path;
  const input = JSON.stringify(scope.input);
  throw failed(
    "States.Runtime",
    whole,
    `The JsonPath argument for the field '${named}' could not be found in the input '${input}'`,
  );
}

function run(call: Call, scope: Scope, whole: string): Json {
  const value = (argument: Argument, at: number): Json => {
    if (argument.kind === "call") return run(argument.call, scope, whole);
    if (argument.kind === "path") return fromPath(argument.path, scope, whole);
    if (argument.kind === "literal") return argument.value;
    // A template keeps its escapes: `\{` is not a placeholder.
    return call.name === "States.Format" && at === 0 ? argument.raw : unescaped(argument.raw);
  };
  const result = callIntrinsic(call.name, call.arguments.map(value));
  // The documentation says States.IntrinsicFailure; public recordings show that the service does this.
  if (result === undefined) throw failed("States.Runtime", whole, `Invalid arguments in ${call.name}`);
  return result;
}

/**
 * Evaluates an intrinsic function with those nested in it. Fails with States.IntrinsicFailure for bad syntax, and with
 * States.Runtime for invalid arguments.
 */
export function evaluateIntrinsic(text: string, scope: Scope): Json {
  let call: Call;
  try {
    call = parseIntrinsic(text);
  } catch (error) {
    throw failed("States.IntrinsicFailure", text, error instanceof Error ? error.message : String(error));
  }
  return run(call, scope, text);
}
