import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { exited, type Outcome, timedOut } from "./outcome.ts";
import { fileSignature, type InvokeMessage, type WorkerData, type WorkerMessage } from "./worker-protocol.ts";

interface InProgress {
  settle(outcome: Outcome): void;
  readonly timeout: number;
  alarm: NodeJS.Timeout;
}

/** Lambda's limit for a function's initialization. */
const MAX_LOADING_MS = 10_000;

/** One version of a user's function, loaded in its own thread, which all its invocations share. */
export class FunctionVersion {
  readonly file: string;
  readonly #worker: Worker;
  readonly #files = new Map<string, string>();
  readonly #inProgress = new Map<string, InProgress>();
  #over = false;

  /** @param environment the thread's environment, with which the AWS SDK finds this stack */
  constructor(name: string, file: string, exports: readonly string[], environment: NodeJS.ProcessEnv) {
    this.file = file;
    this.#files.set(file, fileSignature(file));
    const workerData: WorkerData = { file, exports };
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData,
      env: environment,
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
      stdout: true,
      stderr: true,
    });
    this.#worker.unref();
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) showLines(name, stream);
    this.#worker.on("message", (message: WorkerMessage) => this.#receive(message));
    this.#worker.on("error", (error) => process.stderr.write(`[${name}] ${error}\n`));
    this.#worker.on("exit", (status) => this.#end((requestId) => exited(requestId, status)));
  }

  /** Whether new invocations can run here: the thread is alive and its files are unchanged since it loaded them. */
  isCurrent(file: string): boolean {
    if (this.#over || file !== this.file) return false;
    for (const [path, signature] of this.#files) if (fileSignature(path) !== signature) return false;
    return true;
  }

  invoke(message: InvokeMessage): Promise<Outcome> {
    return new Promise((settle) => {
      const { requestId, timeout } = message;
      const alarm = this.#alarm(requestId, timeout, MAX_LOADING_MS + timeout);
      this.#inProgress.set(requestId, { settle, timeout, alarm });
      this.#worker.postMessage(message);
    });
  }

  #alarm(requestId: string, timeout: number, after: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#settle(requestId, timedOut(requestId, timeout));
      this.retire();
    }, after);
  }

  /** Accepts no new invocations and ends after those in progress. */
  retire(): void {
    this.#over = true;
    if (this.#inProgress.size === 0) void this.#worker.terminate();
  }

  async terminate(): Promise<void> {
    this.#over = true;
    await this.#worker.terminate();
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === "file") {
      if (!this.#files.has(message.path)) this.#files.set(message.path, message.signature);
    } else if (message.kind === "begun") {
      const invocation = this.#inProgress.get(message.requestId);
      if (invocation === undefined) return;
      clearTimeout(invocation.alarm);
      invocation.alarm = this.#alarm(message.requestId, invocation.timeout, invocation.timeout);
    } else if (message.kind === "outcome") this.#settle(message.requestId, message.outcome);
    else this.#end(() => message.outcome);
  }

  #end(outcome: (requestId: string) => Outcome): void {
    this.#over = true;
    for (const requestId of [...this.#inProgress.keys()]) this.#settle(requestId, outcome(requestId));
  }

  #settle(requestId: string, outcome: Outcome): void {
    const invocation = this.#inProgress.get(requestId);
    if (invocation === undefined) return;
    this.#inProgress.delete(requestId);
    clearTimeout(invocation.alarm);
    invocation.settle(outcome);
    if (this.#over && this.#inProgress.size === 0) void this.#worker.terminate();
  }
}

/** Sluice's own output goes to standard output, that of functions to standard error with their names. */
function showLines(name: string, stream: Readable): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    process.stderr.write(`[${name}] ${line}\n`);
  });
}
