import { usage } from "../failure.ts";
import { type Paint, paintFor } from "./style.ts";

interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

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
    return !this.json && this.#stdout.isTTY === true && this.#stderr.isTTY === true;
  }
  get columns(): number | undefined {
    return this.#stdout.isTTY === true ? this.#stdout.columns : undefined;
  }

  /** The command's one result. */
  result(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? JSON.stringify(value, null, 2) : human()}\n`);
  }
  /** One of a row of results: a line each. */
  line(value: unknown, human: () => string): void {
    this.#stdout.write(`${this.json ? JSON.stringify(value) : human()}\n`);
  }
  /** A message beside the result. */
  say(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /**
   * Asks before what cannot be undone; `yes` answers beforehand.
   * @throws CliFailure where nobody can be asked
   */
  async confirm(question: string, yes: boolean | undefined): Promise<boolean> {
    if (yes === true) return true;
    if (!this.#canAsk) throw usage(`${question} Nobody can be asked here: give --yes.`);
    const { ask } = await import("./ask.ts");
    return /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim());
  }
}
