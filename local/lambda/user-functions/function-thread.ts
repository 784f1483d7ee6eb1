import { getCompileCacheDir } from "node:module";
import { Worker } from "node:worker_threads";
import { exited, type Outcome, timedOut } from "../outcome.ts";
import { FunctionOutput } from "./function-output.ts";
import type { FunctionVersion } from "./function-version.ts";
import type { ThreadData, ThreadMessage, ThreadRequest } from "./protocol.ts";
import { Watchdog } from "./watchdog.ts";

interface InProgress {
  readonly version: FunctionVersion;
  readonly timeout: number;
  /** Undefined if the invocation has not begun and can begin in another thread. */
  settle(outcome: Outcome | undefined): void;
  begun: boolean;
  alarm: NodeJS.Timeout;
}

/** Lambda's limit for a function's initialization. */
const MAX_LOADING_MS = 10_000;
/** Idle time before the thread collects its garbage. */
const REST_MS = 2_000;
/** Number of replaced versions whose modules may stay loaded. Node.js cannot unload a module. */
const MAX_STALE = 50;
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 };

/** Runs before the thread's own code, so that it and the user's functions are compiled once instead of at each start. */
const ENTRY = `const { compileCache } = require("node:worker_threads").workerData;
if (compileCache !== undefined) require("node:module").enableCompileCache(compileCache);
import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)});`;

interface ThreadEvents {
  /** The thread is blocked or over; the functions may be the reason. */
  changed(suspects: readonly string[]): void;
  /** An invocation has printed something. */
  printed(requestId: string, text: string): void;
}

/** A thread with versions of functions, and their invocations in progress. */
export class FunctionThread {
  readonly #worker: Worker;
  readonly #changed: (suspects: readonly string[]) => void;
  readonly #printed: ThreadEvents["printed"];
  readonly #versions = new Map<string, FunctionVersion>();
  readonly #inProgress = new Map<string, InProgress>();
  readonly #output = new FunctionOutput();
  readonly #watchdog: Watchdog;
  #state: "open" | "closing" | "ended" = "open";
  #stale = 0;
  #rest: NodeJS.Timeout | undefined;

  /**
   * @param environment the thread's environment, with which the AWS SDK finds this stack
   * @param patience milliseconds until a thread that does not answer counts as blocked
   */
  constructor(environment: NodeJS.ProcessEnv, patience: number, { changed, printed }: ThreadEvents) {
    this.#changed = changed;
    this.#printed = printed;
    this.#watchdog = new Watchdog(patience, {
      ping: () => this.#send({ kind: "ping" }),
      isIdle: () => this.#inProgress.size === 0,
      blocked: () => this.#blocked(),
    });
    const workerData: ThreadData = { compileCache: getCompileCacheDir() };
    this.#worker = new Worker(ENTRY, {
      ...{ eval: true, workerData, env: environment, resourceLimits: LIMITS },
      execArgv: ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
      // Output that bypasses process.stdout.
      ...{ stdout: true, stderr: true },
    });
    this.#worker.unref();
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      stream.on("data", (text) => this.#output.write("functions", String(text)));
    this.#worker.on("online", () => this.#watchdog.online());
    this.#worker.on("message", (message: ThreadMessage) => this.#receive(message));
    this.#worker.on("error", (error) => this.#output.write("functions", `${error}\n`));
    this.#worker.on("exit", (status) => this.#end(status));
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether synchronous code blocks the thread. */
  get isBlocked(): boolean {
    return this.#watchdog.isBlocked;
  }

  /** The names of the functions that are loaded. */
  get functions(): readonly string[] {
    return [...this.#versions.values()].map(({ name }) => name);
  }

  /** Invokes a function. Returns undefined if the invocation could not begin here; it can then be tried in another thread. */
  invoke(
    version: FunctionVersion,
    request: Omit<Extract<ThreadRequest, { kind: "invoke" }>, "kind" | "version">,
  ) {
    return new Promise<Outcome | undefined>((settle) => {
      const { requestId, timeout } = request;
      const alarm = this.#alarm(requestId, MAX_LOADING_MS + timeout);
      this.#versions.set(version.id, version);
      this.#inProgress.set(requestId, { version, timeout, settle, begun: false, alarm });
      this.#send({ kind: "invoke", version: version.toThread(), ...request });
      clearTimeout(this.#rest);
      this.#watchdog.watch();
    });
  }

  /** Ends the version after its invocations in progress, and the thread too if no other function needs it. */
  retire(version: FunctionVersion): void {
    version.retired = true;
    this.#versions.delete(version.id);
    this.#stale += 1;
    if (this.#versions.size === 0 || this.#stale >= MAX_STALE) this.close();
    else this.#send({ kind: "retire", version: version.id });
  }

  /** Accepts no new invocations and ends after those in progress. */
  close(): void {
    if (this.#state === "open") this.#state = "closing";
    for (const version of this.#versions.values()) version.retired = true;
    if (this.#inProgress.size === 0) void this.#worker.terminate();
  }

  async terminate(): Promise<void> {
    this.close();
    await this.#worker.terminate();
  }

  #send(request: ThreadRequest): void {
    this.#worker.postMessage(request);
  }

  #alarm(requestId: string, after: number): NodeJS.Timeout {
    return setTimeout(() => this.#timedOut(requestId), after);
  }

  #timedOut(requestId: string): void {
    const invocation = this.#inProgress.get(requestId);
    if (invocation === undefined) return;
    const { version, timeout } = invocation;
    this.#settle(requestId, timedOut(requestId, timeout));
    // Its code may still be running, so the thread must end.
    this.close();
    const others = [...this.#inProgress.values()].some((other) => other.version.name !== version.name);
    if (!others) return;
    this.#watchdog.probe(() => {
      this.#changed([version.name]);
      void this.#worker.terminate();
    });
  }

  /** Functions without a running invocation move to other threads. One of the others blocks the thread. */
  #blocked(): void {
    const busy = new Set(this.#busy());
    for (const version of [...this.#versions.values()]) if (!busy.has(version.name)) this.retire(version);
    for (const [requestId, { version }] of [...this.#inProgress])
      if (!busy.has(version.name)) this.#settle(requestId, undefined);
    this.#changed([...busy]);
  }

  /** The functions whose code may be running. */
  #busy(): readonly string[] {
    return [...this.#inProgress.values()]
      .filter(({ begun, version }) => begun || version.loading)
      .map(({ version }) => version.name);
  }

  #receive(message: ThreadMessage): void {
    const { kind } = message;
    if (kind === "outcome") this.#settle(message.requestId, message.outcome);
    else if (kind === "begun") this.#begun(message.requestId);
    else if (kind === "output") this.#print(message);
    else if (kind === "file") this.#versions.get(message.version)?.loaded(message.path, message.signature);
    else if (kind === "loading") this.#setLoading(message.version);
    else if (kind === "unloadable") this.#unloadable(message.version);
    else if (kind === "crash") this.#crashed(message.version, () => message.outcome);
    else if (kind === "exit")
      this.#crashed(message.version, (requestId) => exited(requestId, message.status));
    else this.#watchdog.answered();
  }

  #print({ name = "functions", requestId, text }: Extract<ThreadMessage, { kind: "output" }>): void {
    this.#output.write(name, text);
    if (requestId !== undefined) this.#printed(requestId, text);
  }

  #setLoading(id: string): void {
    const version = this.#versions.get(id);
    if (version !== undefined) version.loading = true;
  }

  #begun(requestId: string): void {
    const invocation = this.#inProgress.get(requestId);
    if (invocation === undefined) return;
    invocation.version.loading = false;
    invocation.begun = true;
    clearTimeout(invocation.alarm);
    invocation.alarm = this.#alarm(requestId, invocation.timeout);
  }

  /** Forgets a version that could not be loaded. As on Lambda, the next invocation loads it again. */
  #unloadable(id: string): void {
    const version = this.#versions.get(id);
    if (version !== undefined) version.retired = true;
  }

  /** Remains of the function, such as timers, are still in the thread, so it ends after the other functions' invocations. */
  #crashed(id: string | undefined, outcome: (requestId: string) => Outcome): void {
    for (const [requestId, { version }] of [...this.#inProgress])
      if (id === undefined || version.id === id) this.#settle(requestId, outcome(requestId));
    this.close();
  }

  #end(status: number): void {
    const unexpected = this.#state === "open";
    this.#state = "ended";
    this.close();
    this.#watchdog.stop();
    clearTimeout(this.#rest);
    const suspects = this.#busy();
    for (const [requestId, { begun, version }] of [...this.#inProgress])
      this.#settle(requestId, begun || version.loading ? exited(requestId, status) : undefined);
    this.#output.end();
    this.#changed(unexpected ? suspects : []);
  }

  #settle(requestId: string, outcome: Outcome | undefined): void {
    const invocation = this.#inProgress.get(requestId);
    if (invocation === undefined) return;
    this.#inProgress.delete(requestId);
    clearTimeout(invocation.alarm);
    invocation.settle(outcome);
    if (this.#inProgress.size > 0) return;
    if (this.#state === "closing") void this.#worker.terminate();
    else this.#rest = setTimeout(() => this.#send({ kind: "rest" }), REST_MS).unref();
  }
}
