import { remember } from "../limits/bounded-cache.ts";

/** An argument as written. `raw` keeps the escapes, which States.Format interprets differently from other functions. */
export type Argument =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "text"; readonly raw: string }
  | { readonly kind: "literal"; readonly value: number | boolean | null };

export interface Call {
  readonly name: string;
  readonly arguments: readonly Argument[];
}

/** The service nests at most ten intrinsic functions in a field. */
const maximumDepth = 10;
const words = new Map<string, boolean | null>(Object.entries({ true: true, false: false, null: null }));

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private space(): void {
    this.take(/\s*/y);
  }

  private expect(char: string): void {
    this.space();
    if (this.text.charAt(this.at) !== char)
      throw new SyntaxError(`'${char}' was expected at position ${this.at}`);
    this.at += 1;
  }

  /** A path ends at the comma or bracket of its function, not at those of its own brackets and quotes. */
  private path(): string {
    const start = this.at;
    for (let depth = 0; this.at < this.text.length; this.at += 1) {
      const char = this.text.charAt(this.at);
      if (char === "[" || char === "(") depth += 1;
      else if (depth > 0 && (char === "'" || char === '"')) {
        const end = this.text.indexOf(char, this.at + 1);
        this.at = end < 0 ? this.text.length : end;
      } else if (depth === 0 && (char === "," || char === ")")) break;
      else if (char === "]" || char === ")") depth -= 1;
    }
    return this.text.slice(start, this.at).trim();
  }

  private argument(depth: number): Argument {
    this.space();
    const char = this.text.charAt(this.at);
    if (char === "$") return { kind: "path", path: this.path() };
    if (char === "'") {
      const quoted = this.take(/'(?:[^'\\]|\\[\s\S])*'/y);
      if (quoted === undefined) throw new SyntaxError("a string is not closed");
      return { kind: "text", raw: quoted.slice(1, -1) };
    }
    const number = this.take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) return { kind: "literal", value: Number(number) };
    if (this.text.startsWith("States.", this.at)) return { kind: "call", call: this.call(depth + 1) };
    const word = this.take(/[a-z]+/y) ?? "";
    const value = words.get(word);
    if (value === undefined) throw new SyntaxError(`an argument was expected at position ${this.at}`);
    return { kind: "literal", value };
  }

  private call(depth: number): Call {
    if (depth > maximumDepth) throw new SyntaxError(`more than ${maximumDepth} functions are nested`);
    const name = this.take(/States\.[A-Za-z0-9]+/y);
    if (name === undefined) throw new SyntaxError("the name of an intrinsic function was expected");
    this.expect("(");
    const given: Argument[] = [];
    this.space();
    if (this.text.charAt(this.at) !== ")") {
      given.push(this.argument(depth));
      for (this.space(); this.text.charAt(this.at) === ","; this.space()) {
        this.at += 1;
        given.push(this.argument(depth));
      }
    }
    this.expect(")");
    return { name, arguments: given };
  }

  whole(): Call {
    this.space();
    const call = this.call(1);
    this.space();
    if (this.at < this.text.length) throw new SyntaxError(`'${this.text.slice(this.at)}' was not expected`);
    return call;
  }
}

/** Reads one intrinsic function with its arguments; throws SyntaxError. */
export const parseIntrinsic = remember(1000, (text) => new Reader(text).whole());

/** The value of a string argument: `\'`, `\{`, `\}` and `\\` lose their backslash, others keep it. */
export const unescaped = (raw: string) => raw.replace(/\\(['{}\\])/g, "$1");
