import { pathError } from "./json-path.ts";

/** Number of arguments: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const ARGUMENTS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  Array: [0, Number.POSITIVE_INFINITY],
  ArrayContains: [2, 2],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayPartition: [2, 2],
  ArrayRange: [3, 3],
  ArrayUnique: [1, 1],
  Base64Decode: [1, 1],
  Base64Encode: [1, 1],
  Format: [1, Number.POSITIVE_INFINITY],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  JsonToString: [1, 1],
  MathAdd: [2, 2],
  MathRandom: [2, 3],
  StringSplit: [2, 2],
  StringToJson: [1, 1],
  UUID: [0, 0],
};

/** The quota of nested calls in one field, from the same page. */
const MAX_DEPTH = 10;

const SPACE = /\s*/y;
const NAME = /States\.(\w+)\s*\(/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null)\b/y;
/** Only quotes, braces and backslashes can be escaped (ASL specification, "Intrinsic Functions"). */
const LITERAL = /'(?:[^'\\]|\\['{}\\])*'/y;
/** A path ends at a comma or parenthesis outside its own brackets. */
const PATH = /\$(?:[^[(),]|\[(?:[^\]'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\]|\([^()]*\))*/y;

class CallReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  get rest(): string {
    return this.#text.slice(this.#at, this.#at + 20);
  }

  call(depth: number): string | undefined {
    if (depth > MAX_DEPTH) return `more than ${MAX_DEPTH} functions are nested.`;
    const name = this.take(NAME)?.[1];
    if (name === undefined) return `a call such as States.UUID() is expected at "${this.rest}".`;
    const counts = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : undefined;
    if (counts === undefined) return `there is no function States.${name}.`;
    let count = 0;
    this.take(SPACE);
    while (this.take(/\)/y) === undefined) {
      if (count > 0 && this.take(/,/y) === undefined)
        return `a comma or parenthesis is expected at "${this.rest}".`;
      this.take(SPACE);
      const error = this.#argument(depth);
      if (error !== undefined) return error;
      count++;
      this.take(SPACE);
    }
    const [least, most] = counts;
    if (count < least || count > most)
      return `States.${name} takes ${least === most ? least : `at least ${least}`} arguments, not ${count}.`;
    return undefined;
  }

  #argument(depth: number): string | undefined {
    if (this.rest.startsWith("States.")) return this.call(depth + 1);
    const path = this.take(PATH)?.[0];
    if (path !== undefined) {
      const error = pathError(path);
      return error === undefined ? undefined : `the path "${path}" is not valid: ${error}`;
    }
    if ((this.take(NUMBER) ?? this.take(WORD) ?? this.take(LITERAL)) !== undefined) return undefined;
    return this.rest.startsWith("'")
      ? "a string is not closed, or has an escape other than \\', \\{, \\} and \\\\."
      : `an argument is expected at "${this.rest}".`;
  }
}

/** Explains why a string is not a call of an intrinsic function, or returns undefined if it is one. */
export function intrinsicError(text: string): string | undefined {
  const reader = new CallReader(text);
  reader.take(SPACE);
  const error = reader.call(1);
  if (error !== undefined) return error;
  reader.take(SPACE);
  return reader.rest === "" ? undefined : `"${reader.rest}" is not expected after the call.`;
}

/** Whether a string is intended as a call. */
export const isIntrinsic = (text: string): boolean => /^\s*States\.\w/.test(text);
