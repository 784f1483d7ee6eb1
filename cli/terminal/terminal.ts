import { EXIT } from "../exit-codes.ts";
import { CliFailure, usage } from "../failure.ts";
import { jsonText, type Paint, paintFor } from "./style.ts";

interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** A bar and its numbers need so many columns. */
const NARROWEST = 40;

/** What a command says and asks. Results go to stdout, everything else to stderr. */
export class Terminal {
  readonly json: boolean;
  readonly paint: Paint;
  readonly #stdout: Out;
  readonly #stderr: Out;
  readonly #canAsk: boolean;

  constructor(
    json: boolean,
    env: NodeJS.ProcessEnv = process.env,
    stdout: Out = process.stdout,
    stderr: Out = process.stderr,
  ) {
    this.json = json;
    this.paint = paintFor(stdout, env);
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#canAsk = process.stdin.isTTY === true && stderr.isTTY === true;
  }

  /** A person watches it: progress may move. */
  get isLive(): boolean {
    return !this.json && (this.columns ?? 0) >= NARROWEST && this.#stderr.isTTY === true;
  }
  /** Of the terminal that shows the results; undefined for a pipe, and where the terminal does not say. */
  get columns(): number | undefined {
    return this.#stdout.isTTY === true ? this.#stdout.columns || undefined : undefined;
  }

  /** The command's one result. */
  result(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? jsonText(value, 2) : human()}\n`);
  }
  /** One of a row of results: a line each. */
  line(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? jsonText(value) : human()}\n`);
  }
  /** A message beside the result. */
  say(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /**
   * Asks before what cannot be undone; `yes` answers beforehand.
   * @throws CliFailure where the answer is no, or nobody can be asked
   */
  async confirm(question: string, yes: boolean | undefined): Promise<void> {
    if (yes === true) return;
    if (!this.#canAsk) throw usage(`${question} Nobody can be asked here: give --yes.`);
    const { ask } = await import("./ask.ts");
    if (!/^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim()))
      throw new CliFailure(EXIT.interrupted, { code: "declined", detail: "Nothing was done." });
  }
}
