import { CliFailure, EXIT, usage } from "../failure.ts";
import { jsonText, type Paint, paintFor } from "./style.ts";

interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Columns that a progress bar and its numbers need. */
const MIN_COLUMNS = 40;

/** Input and output of a command. Results go to stdout, everything else to stderr. */
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

  /** Whether a person is watching, so that progress can be animated. */
  get isLive(): boolean {
    return !this.json && (this.columns ?? 0) >= MIN_COLUMNS && this.#stderr.isTTY === true;
  }
  /** Width of the terminal that shows the results; undefined for a pipe or an unknown width. */
  get columns(): number | undefined {
    return this.#stdout.isTTY === true ? this.#stdout.columns || undefined : undefined;
  }

  /** Prints the command's only result. */
  result(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? jsonText(value, 2) : human()}\n`);
  }
  /** Prints one of several results, one per line. */
  line(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? jsonText(value) : human()}\n`);
  }
  /** Prints a message that is not part of the result. */
  say(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /**
   * Asks for confirmation, unless `yes` gives it in advance.
   * @throws CliFailure if the answer is no, or without a terminal
   */
  async confirm(question: string, yes: boolean | undefined): Promise<void> {
    if (yes === true) return;
    if (!this.#canAsk) throw usage(`${question} There is no terminal to confirm this on. Add --yes.`);
    const { ask } = await import("./ask.ts");
    if (!/^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim()))
      throw new CliFailure(EXIT.interrupted, {
        code: "declined",
        detail: "Not confirmed. Nothing was changed.",
      });
  }
}
