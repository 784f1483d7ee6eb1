import { AsyncLocalStorage } from "node:async_hooks";
import type { AwsClients } from "../../../functions/dependencies/runtime.ts";
import type { OwnHandler } from "../../../local/lambda/own-functions.ts";

/** One invocation of one of Sluice's own functions: one Lambda invocation on AWS. */
export interface Invocation {
  readonly functionName: string;
  /** The name by which it was called: the function's, or that of a workspace's alias. */
  readonly calledName: string;
  readonly event: unknown;
}

/** One call of an AWS service, the SDK's own retries included. */
export interface AwsCall {
  /** e.g. `DynamoDB`, `SFN`, `Scheduler`, `EventBridge`. */
  readonly service: string;
  /** e.g. `UpdateItem`. */
  readonly operation: string;
  readonly input: object;
}

/** Sees every invocation of Sluice's functions and every AWS call that they make, and may hold or change them. */
export interface Observer {
  /** Surrounds a whole invocation. The caller of the function sees what this returns or throws. */
  invoke(invocation: Invocation, run: () => Promise<unknown>): Promise<unknown>;
  /** Surrounds a call. It may delay `send`, never call it, or discard its answer. */
  call<Answer>(invocation: Invocation, call: AwsCall, send: () => Promise<Answer>): Promise<Answer>;
}

/** Lets everything pass. */
export const PASSIVE: Observer = {
  invoke: (_invocation, run) => run(),
  call: (_invocation, _call, send) => send(),
};

const invocations = new AsyncLocalStorage<Invocation>();

/** The invocation that the caller runs in, if any. */
export const currentInvocation = (): Invocation | undefined => invocations.getStore();

/** Whether the invocation is a request to the API. */
export const isRequest = ({ event }: Invocation): boolean =>
  typeof event === "object" && event !== null && "routeKey" in event;

export const observedHandler =
  (functionName: string, handler: OwnHandler, observer: () => Observer): OwnHandler =>
  (event, context) => {
    const calledName = context.invokedFunctionArn.split(":function:")[1] ?? functionName;
    const invocation: Invocation = { functionName, calledName, event };
    return invocations.run(invocation, () => observer().invoke(invocation, () => handler(event, context)));
  };

/** Adds the observer as the outermost middleware of each client, so that a call it holds back has not been sent. */
export const observedClients = <Clients extends object>(
  clients: Clients,
  observer: () => Observer,
): Clients => {
  for (const [name, client] of Object.entries(clients)) {
    // The clients' middleware stacks differ in their types only; this middleware works with any of them.
    (client as AwsClients["dynamodb"]).middlewareStack.add(
      (next, context) => (args) => {
        const invocation = invocations.getStore();
        if (invocation === undefined) return next(args);
        const call = {
          service: String(context["clientName"] ?? name).replace(/Client$/, ""),
          operation: String(context["commandName"]).replace(/Command$/, ""),
          input: args.input,
        };
        return observer().call(invocation, call, () => next(args));
      },
      { step: "initialize", name: "observer", priority: "low" },
    );
  }
  return clients;
};
