import { AsyncLocalStorage } from "node:async_hooks";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import {
  createEventDependencies,
  eventBusClient,
} from "../../../functions/dependencies/event-dependencies.ts";
import { type AwsClients, lambdaRuntime } from "../../../functions/dependencies/runtime.ts";
import { keepMeasured, ownClock } from "../../../local/lambda/caller.ts";
import type { OwnHandler } from "../../../local/lambda/own-functions.ts";
import { compose } from "../../../local/sluice/compose.ts";
import { buildStack, type LocalStack } from "../../../local/stack/stack.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type FunctionsFolder, functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type Client, clientFor } from "../../support/client.ts";

/** One invocation of one of Sluice's own functions: what would be one Lambda invocation on AWS. */
export interface Invocation {
  readonly functionName: string;
  readonly event: unknown;
}
/** One call of an AWS service, the SDK's own retries inside it. */
export interface AwsCall {
  /** e.g. `DynamoDB`, `SFN`, `Scheduler`, `EventBridge`. */
  readonly service: string;
  /** e.g. `UpdateItem`. */
  readonly operation: string;
  readonly input: object;
}
/** Proofs let functions stand still often: a move of the clock need not wait for them as long as for a person's. */
const PATIENCE_MS = 250;

/** What a proof does to the invocations and their calls: nothing, until it says so. */
export interface Watch {
  /** Around a whole invocation; what it throws is what the caller of the function sees. */
  invoke(invocation: Invocation, go: () => Promise<unknown>): Promise<unknown>;
  /** Around a call: it may wait before `go`, never go, or throw the answer away. */
  call<Answer>(invocation: Invocation, call: AwsCall, go: () => Promise<Answer>): Promise<Answer>;
}

export const NOTHING_SPECIAL: Watch = {
  invoke: (_invocation, go) => go(),
  call: (_invocation, _call, go) => go(),
};

/** Wraps the parts that the handlers work with; the product knows nothing of it. */
export type Decorate = (dependencies: Dependencies) => Dependencies;

/** The whole local stack in this process. `watch` stands around every AWS call of every one of Sluice's functions. */
export class ProofStack {
  readonly functions: FunctionsFolder;
  readonly admin: Client;
  watch: Watch = NOTHING_SPECIAL;
  readonly #stack: LocalStack;
  #lambda: LambdaClient | undefined;

  private constructor(stack: LocalStack, functions: FunctionsFolder, admin: Client) {
    this.#stack = stack;
    this.functions = functions;
    this.admin = admin;
  }

  /** @param names functions of the user's that write down their calls */
  static async start(names: readonly string[], decorate: Decorate = (same) => same): Promise<ProofStack> {
    const running: { proof?: ProofStack } = {};
    const watching = (): Watch => running.proof?.watch ?? NOTHING_SPECIAL;
    const parts = compose(async () => {
      const runtime = lambdaRuntime();
      const clients = listening({ ...runtime.clients, eventBridge: eventBusClient() }, watching);
      const watched = { ...runtime, clients, clock: ownClock, publishMetrics: keepMeasured };
      const { events, ...deps } = createEventDependencies(watched, clients.eventBridge);
      return { ...decorate(deps), events };
    });
    const functions = functionsFolder(...names);
    const stack = await buildStack(
      { port: 0, data: ":memory:", functions: functions.dir, patience: PATIENCE_MS },
      {
        ...parts,
        functions: Object.fromEntries(
          Object.entries(parts.functions).map(([name, handler]) => [name, watched(name, handler, watching)]),
        ),
      },
    );
    running.proof = new ProofStack(stack, functions, await clientFor(stack.url, "admin"));
    return running.proof;
  }

  get url(): string {
    return this.#stack.url;
  }

  /** Pieces of work under way in the stack: invocations, requests, states that are being entered. */
  get underWay(): number {
    return this.#stack.activity.count;
  }

  /** The stack's time, epoch milliseconds. */
  now(): number {
    return this.#stack.clock.now();
  }

  as(user: string): Promise<Client> {
    return clientFor(this.url, user);
  }

  /** Calls one of the functions past everything, as a caller that delivers an event once more, and hands on what it answers. */
  async invoke(functionName: string, event: unknown): Promise<{ ok: boolean; answer: unknown }> {
    this.#lambda ??= new LambdaClient(sdkConfig(this.url, "lambda"));
    const { FunctionError, Payload } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const text = Payload === undefined ? "" : Buffer.from(Payload).toString();
    return { ok: FunctionError === undefined, answer: text === "" ? undefined : JSON.parse(text) };
  }

  async close(): Promise<void> {
    this.#lambda?.destroy();
    await this.#stack.close();
    this.functions.remove();
  }
}

const invocations = new AsyncLocalStorage<Invocation>();

/** The invocation in which the caller runs, if it runs in one. */
export const currentInvocation = (): Invocation | undefined => invocations.getStore();

/** A fault of the service's own, as the SDK throws it once its retries are used up. */
export const unavailable = (): Error =>
  Object.assign(new Error("A fault of the test"), { name: "ServiceUnavailable", $fault: "server" });

/** What comes of an invocation whose process dies: for a request, API Gateway's own answer; for any other, an error of Lambda's. */
export const death = ({ event }: Invocation): unknown => {
  const isRequest = typeof event === "object" && event !== null && "routeKey" in event;
  if (isRequest) return { statusCode: 500, body: '{"message":"Internal Server Error"}' };
  throw Object.assign(new Error("The process is dead"), { name: "Runtime.ExitError" });
};

const watched =
  (functionName: string, handler: OwnHandler, watch: () => Watch): OwnHandler =>
  (event, context) => {
    const invocation: Invocation = { functionName, event };
    return invocations.run(invocation, () => watch().invoke(invocation, () => handler(event, context)));
  };

/** A middleware of the SDK's outermost step: what it holds back or refuses has not been sent. */
const listening = <Clients extends object>(clients: Clients, watch: () => Watch): Clients => {
  for (const [name, client] of Object.entries(clients)) {
    // Each client's stack is of its own types; this middleware looks at none of them.
    (client as AwsClients["dynamodb"]).middlewareStack.add(
      (next, context) => (args) => {
        const invocation = invocations.getStore();
        if (invocation === undefined) return next(args);
        const call = {
          service: String(context["clientName"] ?? name).replace(/Client$/, ""),
          operation: String(context["commandName"]).replace(/Command$/, ""),
          input: args.input,
        };
        return watch().call(invocation, call, () => next(args));
      },
      { step: "initialize", name: "proof", priority: "low" },
    );
  }
  return clients;
};
