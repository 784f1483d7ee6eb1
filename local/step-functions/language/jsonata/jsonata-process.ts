import { type ChildProcess, fork } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { fileURLToPath } from "node:url";
import type { Question, Reply } from "./jsonata-child.ts";
import type { Evaluated } from "./jsonata-evaluation.ts";

/** Milliseconds. A little more than JSONata's own limit, which cannot interrupt a single function. */
const LONGEST = 3_000;
/** Milliseconds for starting the process on a busy machine. */
const MAX_START = 30_000;
const MEMORY_MB = 256;
/** Idle milliseconds after which the process ends. It takes about 60 MB. */
const IDLE_MS = 5_000;

const TIME_UP: Evaluated = { kind: "failed", reason: "Expression evaluation timeout" };
const MEMORY_UP: Evaluated = { kind: "failed", reason: "Expression evaluation memory limit exceeded" };

/**
 * Evaluates expressions in a separate process, one after another. In Node.js only a process limits memory reliably, because a
 * thread that runs out of memory can take its process with it. A process that has died or not answered in time is replaced for the next
 * expression.
 */
class EvaluationProcess {
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  evaluate(question: Question): Promise<Evaluated> {
    const answer = this.#last.then(() => this.#ask(question));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #ask(question: Question): Promise<Evaluated> {
    clearTimeout(this.#idle);
    try {
      return await this.#answer(question);
    } finally {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#end(this.#child), IDLE_MS).unref();
    }
  }

  async #answer(question: Question): Promise<Evaluated> {
    if (this.#child === undefined && (await this.#start()) !== "ready") return TIME_UP;
    const child = this.#child;
    if (child === undefined) return MEMORY_UP;
    const reply = await this.#reply(child, LONGEST, () => child.send(question));
    return typeof reply === "string" ? TIME_UP : reply;
  }

  #start(): Promise<Reply> {
    const compileCache = getCompileCacheDir();
    const child = fork(fileURLToPath(new URL("./jsonata-child.ts", import.meta.url)), {
      execArgv: [
        ...[`--max-old-space-size=${MEMORY_MB}`, "--max-semi-space-size=4", "--v8-pool-size=1"],
        "--disable-warning=ExperimentalWarning",
      ],
      env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child = child;
    const ready = this.#reply(child, MAX_START, () => undefined);
    child.unref();
    return ready;
  }

  #end(child: ChildProcess | undefined): void {
    if (child === undefined) return;
    child.on("error", () => undefined);
    child.kill("SIGKILL");
    if (this.#child === child) this.#child = undefined;
  }

  /** The child's next message. A child that sends none in time is killed; one that has exited has run out of memory. */
  #reply(child: ChildProcess, milliseconds: number, begin: () => void): Promise<Reply> {
    return new Promise((resolve) => {
      const settle = (reply: Reply, over: boolean): void => {
        clearTimeout(alarm);
        child.removeAllListeners();
        // An idle child does not keep this process alive.
        child.channel?.unref();
        if (over) this.#end(child);
        resolve(reply);
      };
      const alarm = setTimeout(() => settle(TIME_UP, true), milliseconds);
      child.channel?.ref();
      child.on("message", (reply: Reply) => settle(reply, false));
      child.on("exit", () => settle(MEMORY_UP, true));
      child.on("error", () => settle(MEMORY_UP, true));
      begin();
    });
  }
}

const evaluations = new EvaluationProcess();

/** Evaluates an expression in the separate process. */
export const evaluateElsewhere = (text: string, bindings: Record<string, unknown>): Promise<Evaluated> =>
  evaluations.evaluate({ text, bindings });
