import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { iamClient, withRoles } from "../../../functions/dependencies/attach-dependencies.ts";
import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import { lambdaClient, withEndWaits } from "../../../functions/dependencies/dispatch-dependencies.ts";
import {
  createEventDependencies,
  eventBusClient,
} from "../../../functions/dependencies/event-dependencies.ts";
import { compose } from "../../../local/sluice/compose.ts";
import { localFunctionLogs } from "../../../local/sluice/function-logs.ts";
import { localRuntime } from "../../../local/sluice/own-handlers.ts";
import { buildStack, type LocalStack } from "../../../local/stack/stack.ts";
import { type Client, clientFor } from "../../harness/clients/client.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type FunctionsFolder, functionsFolder } from "../../harness/stack/functions-folder.ts";
import { LedgerReader } from "./ledger/ledger.ts";
import { type Observer, observedClients, observedHandler, PASSIVE } from "./observer.ts";

/** The local stack's clock waits this long for functions that a proof blocks, before it moves on. */
const PATIENCE_MS = 250;

/** Wraps the handlers' dependencies. */
export type Decorate = (dependencies: Dependencies) => Dependencies;

/** The whole local stack in this process. Its observer sees every AWS call of Sluice's functions. */
export class ProofEnvironment {
  readonly functions: FunctionsFolder;
  readonly admin: Client;
  readonly ledger: LedgerReader;
  observer: Observer = PASSIVE;
  readonly #stack: LocalStack;
  #lambda: LambdaClient | undefined;

  private constructor(stack: LocalStack, functions: FunctionsFolder, admin: Client) {
    this.#stack = stack;
    this.functions = functions;
    this.admin = admin;
    this.ledger = new LedgerReader(stack.url);
  }

  /** @param names users' functions, which record their calls */
  static async start(
    names: readonly string[],
    decorate: Decorate = (same) => same,
  ): Promise<ProofEnvironment> {
    const started: { environment?: ProofEnvironment } = {};
    const observer = (): Observer => started.environment?.observer ?? PASSIVE;
    const composed = compose(async () => {
      const runtime = await localRuntime();
      const clients = observedClients({ ...runtime.clients, eventBridge: eventBusClient() }, observer);
      const observed = { ...runtime, clients };
      const { events, ...deps } = createEventDependencies(observed, clients.eventBridge);
      const waiting = withEndWaits({ ...decorate(deps), events }, observed, lambdaClient());
      return { ...withRoles(waiting, observed, iamClient()), functionLogs: localFunctionLogs };
    });
    const functions = functionsFolder(...names);
    const stack = await buildStack(
      { port: 0, data: ":memory:", functions: functions.dir, patience: PATIENCE_MS },
      {
        ...composed,
        functions: Object.fromEntries(
          Object.entries(composed.functions).map(([name, handler]) => [
            name,
            observedHandler(name, handler, observer),
          ]),
        ),
      },
    );
    started.environment = new ProofEnvironment(stack, functions, await clientFor(stack.url, "admin"));
    return started.environment;
  }

  get url(): string {
    return this.#stack.url;
  }

  /** Activities in progress in the stack: invocations, requests, states that are being entered. */
  get activities(): number {
    return this.#stack.activity.count;
  }

  /** The stack's time, epoch milliseconds. */
  now(): number {
    return this.#stack.clock.now();
  }

  as(user: string): Promise<Client> {
    return clientFor(this.url, user);
  }

  /** Delivers an event to one of Sluice's functions directly. Resolves to whether the function succeeded. */
  async invoke(functionName: string, event: unknown): Promise<boolean> {
    this.#lambda ??= new LambdaClient(sdkConfig(this.url, "lambda"));
    const { FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    return FunctionError === undefined;
  }

  /** Stops an execution as somebody might in the AWS console. */
  async stopExecution(executionArn: string | undefined): Promise<void> {
    await this.ledger.states.send(new StopExecutionCommand({ executionArn, error: "Outside" }));
  }

  async close(): Promise<void> {
    this.#lambda?.destroy();
    this.ledger.close();
    await this.#stack.close();
    this.functions.remove();
  }
}
