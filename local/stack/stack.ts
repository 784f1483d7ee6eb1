import type { AwsEndpoint } from "../aws/endpoint.ts";
import { awsEnvironment } from "../aws/environment.ts";
import { jsonEndpoint } from "../aws/json-protocol.ts";
import type { ActivityCounter } from "../clock/activity.ts";
import type { StackClock } from "../clock/clock.ts";
import { createTable } from "../dynamodb/table.ts";
import { jwtAuthorizer } from "../gateway/authorizer.ts";
import { AwsMount } from "../gateway/aws-mount.ts";
import { ConsoleFiles } from "../gateway/console-files.ts";
import { HttpApi } from "../gateway/http-api.ts";
import { LocalApi } from "../gateway/local-api.ts";
import { RouteTable } from "../gateway/route-table.ts";
import { holdingListener, listen, requestListener } from "../gateway/server.ts";
import { iamEndpoint } from "../iam/rest.ts";
import { openSigningKey } from "../identity/keys.ts";
import { issueToken } from "../identity/tokens.ts";
import { ownEndpoint, runAsFunction } from "../lambda/caller.ts";
import { lambdaEndpoint } from "../lambda/rest.ts";
import { schedulerEndpoint } from "../scheduler/rest.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import type { Composition, LocalStackOptions } from "./composition.ts";
import { Closers, openCore } from "./core.ts";
import {
  openDynamoDb,
  openDynamoDbEngine,
  openEventBus,
  openIntegrations,
  openLambda,
  openScheduler,
  openSources,
  openSqs,
  openStepFunctions,
} from "./services.ts";

export interface LocalStack {
  readonly url: string;
  readonly clock: StackClock;
  /** The work in progress. */
  readonly activity: ActivityCounter;
  close(): Promise<void>;
}

/** The function name under which the stack's own calls at startup are metered. */
const STARTER = "sluice-start";

/** Starts a stack that runs `composition`. Resolves when the stack is ready. */
export async function buildStack(options: LocalStackOptions, composition: Composition): Promise<LocalStack> {
  const closers = new Closers();
  try {
    const stack = await assemble(options, composition, closers);
    await start(stack, options, composition, closers);
    // Closing a ready stack stops its server first.
    closers.add(() => stack.server.close());
    stack.isReady = true;
    const { url, core } = stack;
    return { url, clock: core.clock, activity: core.activity, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

type Assembled = Awaited<ReturnType<typeof assemble>>;

/** Opens every part of the stack and connects them. Nothing runs yet; requests get 503. */
async function assemble(options: LocalStackOptions, composition: Composition, closers: Closers) {
  const workspace = options.workspace ?? "demo";
  const folder = openDataFolder(options.data);
  closers.add(folder.release);
  const gate = holdingListener();
  const server = await listen(gate.listener, options.port);
  closers.add(() => server.close());
  const url = `http://localhost:${server.port}`;

  // The slow parts start in parallel.
  const engineStarting = openDynamoDbEngine(folder, closers);
  const opening = [openSigningKey(folder.file("signing-key.json")), ownEndpoint()] as const;
  await Promise.allSettled(opening);

  const core = openCore(folder, options.patience, closers);
  const functions = openLambda(core, url, options, composition, closers);
  const bus = openEventBus(core, functions, composition);
  let openedDynamoDb: AwsEndpoint | undefined;
  const callees = openIntegrations(core, functions, options, bus, () => openedDynamoDb);
  const stepFunctions = openStepFunctions(core, folder, functions, bus, callees.integrations, closers);
  const sources = openSources(
    core,
    functions,
    callees.queues,
    bus,
    composition,
    { workspace, folder: folder.objects },
    closers,
  );
  const { scheduler, deliveries } = openScheduler(core, functions, stepFunctions, closers);
  const [key, endpoint] = await Promise.all(opening);
  const engine = await engineStarting;
  const { dynamodb, changes } = openDynamoDb(core, engine, functions, composition, closers);
  openedDynamoDb = dynamodb;

  const { clock, activity, usage, faults, measurements } = core;
  const { lambda, asynchronous, deadLetters } = functions;
  const services = new Map([
    ["dynamodb", dynamodb],
    ["states", jsonEndpoint(stepFunctions.service)],
    ["scheduler", schedulerEndpoint(scheduler)],
    ["lambda", lambdaEndpoint(lambda, asynchronous)],
    ["events", jsonEndpoint(bus)],
    ["sqs", jsonEndpoint(openSqs(core, callees.queues, sources, url))],
    ["iam", iamEndpoint(core.roles)],
  ]);
  const aws = new AwsMount(services, faults, usage, composition.isGranted);
  const settle = async () => changes?.source.flush();
  const parts = {
    ...{ url, workspace, core, server, gate, endpoint, key, aws, changes, stepFunctions },
    ...{ asynchronous, deliveries, scheduler, sources, isReady: false },
  };
  const listener = requestListener({
    api: new HttpApi({
      routes: new RouteTable(composition.routes),
      authorizer: jwtAuthorizer(key),
      invoke: (name, payload) => lambda.run(name, payload),
      clock,
    }),
    aws,
    local: new LocalApi({
      ...{ clock, usage, measurements, faults, bus, deadLetters, key, workspace, settle },
      ...{ queues: callees.queues, topics: callees.topics, roles: core.roles },
    }),
    console: new ConsoleFiles({ signIn: { kind: "local", users: composition.users }, workspace }),
    activity,
    clock,
    isReady: () => parts.isReady,
  });
  closers.add(() => endpoint.remove(core.own.id));
  return Object.assign(parts, { listener });
}

/** Creates the table, continues the work of an earlier process, opens the port and prepares the composition. */
async function start(
  stack: Assembled,
  options: LocalStackOptions,
  composition: Composition,
  closers: Closers,
): Promise<void> {
  const { url, workspace, core, endpoint, key, changes } = stack;
  connectOwnFunctions(stack);
  Object.assign(process.env, awsEnvironment(endpoint.url), composition.environment);
  await createTable(`${endpoint.url}/aws/dynamodb`, composition.table, (work) =>
    runAsFunction(core.own, STARTER, work),
  );
  await changes?.stream.start();
  await stack.stepFunctions.recover();
  stack.gate.open(stack.listener);
  stack.asynchronous.start();
  stack.deliveries.start();
  stack.scheduler.start();
  changes?.source.start();
  const token = (user: string) => issueToken(key, { user }, workspace);
  const onClose = (close: () => unknown) => closers.add(close);
  const declareSources = (flowId: string, declaration: unknown) => stack.sources.declare(flowId, declaration);
  const running = { url, clock: core.clock, workspace, options, token, declareSources, onClose };
  await runAsFunction(core.own, STARTER, () => composition.prepare(running));
}

/** Sends the AWS calls of Sluice's own functions to this stack. */
function connectOwnFunctions({ endpoint, core, listener, aws }: Assembled): void {
  endpoint.add(core.own.id, {
    listener,
    async perform(request, caller) {
      const done = core.activity.begin();
      try {
        return await aws.perform({ ...request, caller, body: () => request.body });
      } finally {
        done();
      }
    },
  });
}
