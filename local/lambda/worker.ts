/** The thread in which one version of a user's function runs. */
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { functionContext } from "./context.ts";
import { failure, type Outcome, returned, thrown } from "./outcome.ts";
import { fileSignature, type InvokeMessage, type WorkerData, type WorkerMessage } from "./worker-protocol.ts";

type Handler = (event: unknown, context: unknown) => unknown;

const { file, exports } = workerData as WorkerData;
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    if (resolved.url.startsWith("file:") && !resolved.url.includes("/node_modules/")) {
      const path = fileURLToPath(resolved.url);
      send({ kind: "file", path, signature: fileSignature(path) });
    }
    return resolved;
  },
});

process.on("uncaughtException", (error) => crash(thrown(error)));
process.on("unhandledRejection", (reason) => {
  const message = reason instanceof Error ? reason.message : String(reason);
  crash(failure("Runtime.UnhandledPromiseRejection", message));
});

function crash(outcome: Outcome): void {
  send({ kind: "crash", outcome });
  process.exit(129);
}

const loaded: Promise<Handler | Outcome> = load();

parentPort?.on("message", async (message: InvokeMessage) => {
  const { requestId } = message;
  const handler = await loaded;
  send({ kind: "begun", requestId });
  const outcome = typeof handler === "function" ? await run(handler, message) : handler;
  send({ kind: "outcome", requestId, outcome });
});

async function load(): Promise<Handler | Outcome> {
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    const members = module as Readonly<Record<string, unknown>>;
    const exported = exports.map((name) => members[name]).find((member) => member !== undefined);
    if (typeof exported === "function") return exported as Handler;
    // A stub can be a value.
    if (exported !== undefined && exports.includes("default")) return () => exported;
    return failure("Runtime.HandlerNotFound", "index.handler is undefined or not exported");
  } catch (error) {
    if (error instanceof SyntaxError)
      return failure("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
      return failure("Runtime.ImportModuleError", String(error));
    }
    return thrown(error);
  }
}

async function run(
  handler: Handler,
  { event, requestId, functionName, timeout }: InvokeMessage,
): Promise<Outcome> {
  const context = functionContext({ awsRequestId: requestId, functionName, deadline: Date.now() + timeout });
  try {
    return returned(await handler(JSON.parse(event), context));
  } catch (error) {
    return thrown(error);
  }
}
