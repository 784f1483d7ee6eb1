import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { failure, type Outcome, thrown } from "../outcome.ts";
import { fileSignature, type ThreadMessage, type Version } from "./protocol.ts";
import { syntaxFailure } from "./syntax-error.ts";

type Handler = (event: unknown, context: unknown) => unknown;

/** A version of a function in this thread. */
export interface Hosted {
  readonly version: Version;
  readonly environment: NodeJS.ProcessEnv;
  readonly handler: Promise<Handler | Outcome>;
  /** The absolute paths of its file and of what it imports, in the order of loading. */
  readonly files: Set<string>;
  /** Number of invocations in progress. */
  running: number;
  /** Whether it gets no more invocations. */
  retired: boolean;
}

/** Thrown instead of `process.exit` in a thread that other functions still need. */
export class Exited extends Error {
  override readonly name = "Exited";
}

const QUERY = "sluice";
const require = createRequire(import.meta.url);

/**
 * Loads several functions in one thread as if each had its own: with its own instance of every module outside node_modules, its own
 * `process.env`, and a `process.exit` that ends only the function. A query in a module's URL makes it a separate instance, and the
 * asynchronous context identifies the function whose code is running.
 */
export class Host {
  readonly exitThread = process.exit.bind(process);
  readonly #send: (message: ThreadMessage) => void;
  readonly #context = new AsyncLocalStorage<{
    readonly hosted: Hosted;
    readonly requestId: string | undefined;
  }>();
  readonly #hosted = new Map<string, Hosted>();
  readonly #environment = process.env;

  constructor(send: (message: ThreadMessage) => void) {
    this.#send = send;
    this.#separateModules();
    this.#separateEnvironments();
    this.#separateExits();
    this.#separateOutput(process.stdout);
    this.#separateOutput(process.stderr);
  }

  /** The version whose code is running. */
  current(): Hosted | undefined {
    return this.#context.getStore()?.hosted;
  }

  /** @param requestId the invocation; absent while the function's file is loaded */
  as<T>(hosted: Hosted, run: () => T, requestId?: string): T {
    return this.#context.run({ hosted, requestId }, run);
  }

  /** Whether invocations of other functions are in progress. */
  othersRun({ version: { name } }: Hosted): boolean {
    return [...this.#hosted.values()].some(({ running, version }) => running > 0 && version.name !== name);
  }

  /** Returns the version, and loads it if necessary. */
  host(version: Version): Hosted {
    const known = this.#hosted.get(version.id);
    if (known !== undefined) return known;
    this.#send({ kind: "loading", version: version.id });
    const { promise: handler, resolve } = Promise.withResolvers<Handler | Outcome>();
    const environment = { ...this.#environment };
    const files = new Set<string>();
    const hosted: Hosted = { version, environment, handler, files, running: 0, retired: false };
    this.#hosted.set(version.id, hosted);
    // CommonJS modules have no URL that could make them separate instances.
    for (const path of Object.keys(require.cache))
      if (!path.includes("/node_modules/")) delete require.cache[path];
    this.as(hosted, () => load(version, files)).then((loaded) => {
      if (typeof loaded !== "function") this.#send({ kind: "unloadable", version: version.id });
      resolve(loaded);
    });
    return hosted;
  }

  begin(hosted: Hosted): void {
    hosted.running += 1;
  }

  done(hosted: Hosted): void {
    hosted.running -= 1;
    this.#forgetRetired(hosted);
  }

  retire(version: string): void {
    const hosted = this.#hosted.get(version);
    if (hosted === undefined) return;
    hosted.retired = true;
    this.#forgetRetired(hosted);
  }

  #forgetRetired({ retired, running, version }: Hosted): void {
    if (retired && running === 0) this.#hosted.delete(version.id);
  }

  #separateModules(): void {
    registerHooks({
      resolve: (specifier, context, nextResolve) => {
        const resolved = nextResolve(specifier, context);
        if (!resolved.url.startsWith("file:") || resolved.url.includes("/node_modules/")) return resolved;
        const parent = context.parentURL && new URL(context.parentURL).searchParams.get(QUERY);
        const version = this.current()?.version.id ?? parent;
        if (!version) return resolved;
        const path = fileURLToPath(resolved.url);
        this.#hosted.get(version)?.files.add(path);
        this.#send({ kind: "file", version, path, signature: fileSignature(path) });
        return context.conditions.includes("import")
          ? { ...resolved, url: `${resolved.url}?${QUERY}=${version}` }
          : resolved;
      },
    });
  }

  #separateEnvironments(): void {
    const get = (): NodeJS.ProcessEnv => this.current()?.environment ?? this.#environment;
    Object.defineProperty(process, "env", { get, configurable: true, enumerable: true });
  }

  #separateExits(): void {
    process.exit = (code): never => {
      const hosted = this.current();
      if (hosted === undefined || !this.othersRun(hosted)) return this.exitThread(code);
      this.#send({ kind: "exit", version: hosted.version.id, status: Number(code ?? process.exitCode ?? 0) });
      throw new Exited("process.exit was called");
    };
  }

  #separateOutput(stream: NodeJS.WriteStream): void {
    stream.write = (chunk: Uint8Array | string, encoding?: unknown, written?: unknown): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      const { hosted, requestId } = this.#context.getStore() ?? {};
      this.#send({ kind: "output", name: hosted?.version.name, requestId, text });
      const callback = typeof encoding === "function" ? encoding : written;
      if (typeof callback === "function") process.nextTick(callback as () => void);
      return true;
    };
  }
}

async function load({ file, exports }: Version, files: Iterable<string>): Promise<Handler | Outcome> {
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    const members = module as Readonly<Record<string, unknown>>;
    const exported = exports.map((name) => members[name]).find((member) => member !== undefined);
    if (typeof exported === "function") return exported as Handler;
    // A stub can be a value.
    if (exported !== undefined && exports.includes("default")) return () => exported;
    return failure("Runtime.HandlerNotFound", "index.handler is undefined or not exported");
  } catch (error) {
    if (error instanceof SyntaxError) return syntaxFailure(error, files);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")
      return failure("Runtime.ImportModuleError", String(error));
    return thrown(error);
  }
}
