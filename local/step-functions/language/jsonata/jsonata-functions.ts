import { randomUUID } from "node:crypto";
import type { Expression } from "jsonata";
import type { Json } from "../../../../shared/model/json/json.ts";
import { digest, seededFraction } from "../values/digest.ts";

/** The maximum number of elements that the service accepts in `$range`. */
const maximumRange = 360_145;
/** Characters; the service rejects a value of more than about seven million bytes. */
const maximumPadding = 2 ** 22;

const tooLarge = () => new RangeError("Expression evaluation memory limit exceeded");

/** Returns undefined, like the service, without an array or with a chunk size below one. */
function partition(array: Json[] | undefined, size: number | undefined): Json[][] | undefined {
  const chunk = Math.trunc(size ?? 0);
  if (array === undefined || array.length === 0 || chunk < 1) return undefined;
  return Array.from({ length: Math.ceil(array.length / chunk) }, (_, at) =>
    array.slice(at * chunk, (at + 1) * chunk),
  );
}

/** Both ends are inclusive. A range of one element is that number, as always in JSONata. */
function range(from?: number, to?: number, by?: number): number[] | number | undefined {
  if (from === undefined || to === undefined || by === undefined) return undefined;
  const [start, end, step] = [Math.trunc(from), Math.trunc(to), Math.trunc(by)];
  const count = Math.floor((end - start) / step) + 1;
  if (step === 0 || count < 1) return undefined;
  if (count > maximumRange) throw tooLarge();
  return count === 1 ? start : Array.from({ length: count }, (_, at) => start + at * step);
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const result = digest(text, algorithm);
  if (result === undefined) throw new RangeError(`'${algorithm}' is not a hash algorithm`);
  return result;
}

/** JSONata's `$pad`, without building a string that exhausts the memory. */
function pad(text?: string, width = 0, filler = " "): string | undefined {
  if (text === undefined) return undefined;
  const missing = Math.abs(Math.trunc(width)) - [...text].length;
  if (missing <= 0) return text;
  if (missing > maximumPadding) throw tooLarge();
  const unit = [...(filler === "" ? " " : filler)];
  const padding = Array.from({ length: missing }, (_, at) => unit[at % unit.length]).join("");
  return width > 0 ? text + padding : padding + text;
}

/**
 * Adds the six functions that Step Functions adds to JSONata, and removes `$eval`, which it does not
 * support ("Transforming data with JSONata" in its developer guide).
 */
export function addStepFunctions(expression: Expression): void {
  expression.registerFunction("partition", partition, "<an:a<a>>");
  expression.registerFunction("range", range, "<nnn?:x>");
  expression.registerFunction("hash", hash, "<ss?:s>");
  expression.registerFunction(
    "random",
    (seed?: number) => (seed === undefined ? Math.random() : seededFraction(seed)),
    "<n?:n>",
  );
  expression.registerFunction("uuid", () => randomUUID(), "<:s>");
  expression.registerFunction(
    "parse",
    (text?: string) => (text === undefined ? text : JSON.parse(text)),
    "<s:x>",
  );
  expression.registerFunction("pad", pad, "<s-ns?:s>");
  expression.assign("eval", undefined);
}
