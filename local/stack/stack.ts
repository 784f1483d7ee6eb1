import { randomUUID } from "node:crypto";
import { awsEnvironment } from "../aws/environment.ts";
import { Faults } from "../aws/faults.ts";
import { ACCOUNT, REGION } from "../aws/function-name.ts";
import { jsonEndpoint } from "../aws/json-protocol.ts";
import { ActivityCounter } from "../clock/activity.ts";
import { StackClock } from "../clock/clock.ts";
import { offsetStore } from "../clock/clock-store.ts";
import { type DynamoDbEngine, startEngine } from "../dynamodb/dynoxide.ts";
import { externalEngine } from "../dynamodb/external.ts";
import { DynamoDbProxy } from "../dynamodb/proxy.ts";
import { openStream } from "../dynamodb/stream/open-stream.ts";
import { createTable } from "../dynamodb/table.ts";
import { LocalEventBus } from "../events/bus.ts";
import { jwtAuthorizer } from "../gateway/authorizer.ts";
import { AwsMount } from "../gateway/aws-mount.ts";
import { ConsoleFiles } from "../gateway/console-files.ts";
import { HttpApi } from "../gateway/http-api.ts";
import { LocalApi } from "../gateway/local-api.ts";
import { RouteTable } from "../gateway/route-table.ts";
import { holdingListener, listen, requestListener } from "../gateway/server.ts";
import { openSigningKey } from "../identity/keys.ts";
import { issueToken } from "../identity/tokens.ts";
import { AsyncInvocations } from "../lambda/async-invocations.ts";
import { ownEndpoint, runAsFunction } from "../lambda/caller.ts";
import { DeadLetters } from "../lambda/dead-letters.ts";
import { Lambda } from "../lambda/lambda.ts";
import { OwnFunctions } from "../lambda/own-functions.ts";
import { lambdaEndpoint } from "../lambda/rest.ts";
import { UserFunctions } from "../lambda/user-functions.ts";
import { Measurements } from "../metering/measurements.ts";
import { Usage } from "../metering/usage.ts";
import { Deliveries } from "../scheduler/deliveries.ts";
import { schedulerEndpoint } from "../scheduler/rest.ts";
import { Scheduler } from "../scheduler/service.ts";
import { SchedulerStore } from "../scheduler/store.ts";
import { createStepFunctions } from "../step-functions/index.ts";
import { type DataFolder, openDatabase, openDataFolder } from "../storage/data-folder.ts";
import type { Composition, LocalStackOptions, RunningStack } from "./composition.ts";

export interface LocalStack {
  readonly url: string;
  readonly clock: StackClock;
  /** What goes on in it at this moment. */
  readonly activity: ActivityCounter;
  close(): Promise<void>;
}

const FUNCTION_TIMEOUT_MS = 15 * 60_000;
/** The name under which the stack's own calls at its start are metered. */
const STARTER = "sluice-start";

/** Closes in reverse order of opening, whatever was opened so far. */
class Closers {
  readonly #closers: (() => unknown)[] = [];
  add(close: () => unknown): void {
    this.#closers.push(close);
  }
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}

/** Starts a stack that runs `composition`. Resolves when every call works. */
export async function buildStack(options: LocalStackOptions, composition: Composition): Promise<LocalStack> {
  const closers = new Closers();
  try {
    return await build(options, composition, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function build(
  options: LocalStackOptions,
  composition: Composition,
  closers: Closers,
): Promise<LocalStack> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const workspace = options.workspace ?? "demo";

  const folder = openDataFolder(options.data);
  closers.add(folder.release);
  const gate = holdingListener();
  const server = await listen(gate.listener, options.port);
  closers.add(() => server.close());
  const url = `http://localhost:${server.port}`;
  const engineStarting = openEngine(folder, log);
  closers.add(async () => (await engineStarting.catch(() => undefined))?.close());
  const keyOpening = openSigningKey(folder.file("signing-key.json"));
  const endpointOpening = ownEndpoint();
  await Promise.allSettled([keyOpening, endpointOpening]);

  const database = openDatabase(folder.file("stack.sqlite"));
  closers.add(() => database.close());
  const activity = new ActivityCounter(options.patience);
  const clock = new StackClock(activity, offsetStore(database), log);
  closers.add(() => clock.close());
  const usage = new Usage();
  const faults = new Faults();

  const measurements = new Measurements();
  const own = { id: randomUUID(), clock, measurements };
  const ownFunctions = new OwnFunctions(composition.functions, own);
  const user = new UserFunctions(options.functions, options.functionTimeout ?? FUNCTION_TIMEOUT_MS, () => ({
    ...process.env,
    ...awsEnvironment(url),
  }));
  closers.add(() => user.close());
  const lambda = new Lambda({ own: ownFunctions, user, usage, faults, activity });
  const deadLetters = new DeadLetters(database, clock);
  const asynchronous = new AsyncInvocations({ database, clock, activity, lambda, deadLetters });
  closers.add(() => asynchronous.close());
  const bus = new LocalEventBus({
    database,
    clock,
    asynchronous,
    statusChangeFunction: composition.statusChangeFunction,
  });
  const stepFunctions = createStepFunctions({
    database: folder.file("step-functions.sqlite"),
    clock,
    activity,
    lambda,
    bus,
    meter: usage,
    region: REGION,
    account: ACCOUNT,
  });
  closers.add(() => stepFunctions.close());
  const schedules = new SchedulerStore(database);
  const deliveries = new Deliveries(schedules, {
    database,
    clock,
    activity,
    lambda,
    asynchronous,
    deadLetters,
    states: (operation, body) =>
      faults.around("states", operation, () => {
        usage.call("states", operation);
        return stepFunctions.service.call(operation, body);
      }),
  });
  closers.add(() => deliveries.close());
  const scheduler = new Scheduler(database, schedules, clock, deliveries);

  const key = await keyOpening;
  const engine = await engineStarting;
  const changes =
    composition.stream &&
    openStream(composition.stream, { engine, database, clock, activity, lambda, deadLetters });
  closers.add(() => changes?.close());
  const dynamodb = new DynamoDbProxy(engine, usage, changes?.stream);
  const services = new Map([
    ["dynamodb", dynamodb],
    ["states", jsonEndpoint(stepFunctions.service)],
    ["scheduler", schedulerEndpoint(scheduler)],
    ["lambda", lambdaEndpoint(lambda, asynchronous)],
    ["events", jsonEndpoint(bus)],
  ]);
  const settle = async () => changes?.source.flush();
  let ready = false;
  const aws = new AwsMount(services, faults, usage);
  const listener = requestListener({
    api: new HttpApi({
      routes: new RouteTable(composition.routes),
      authorizer: jwtAuthorizer(key),
      invoke: (name, payload) => lambda.run(name, payload),
      clock,
    }),
    aws,
    local: new LocalApi({ clock, usage, measurements, faults, bus, deadLetters, key, workspace, settle }),
    console: new ConsoleFiles({ signIn: { kind: "local", users: composition.users }, workspace }),
    activity,
    clock,
    isReady: () => ready,
  });

  const endpoint = await endpointOpening;
  endpoint.add(own.id, {
    listener,
    async perform(request, caller) {
      const done = activity.begin();
      try {
        return await aws.perform({ ...request, caller, body: () => request.body });
      } finally {
        done();
      }
    },
  });
  closers.add(() => endpoint.remove(own.id));
  Object.assign(process.env, awsEnvironment(endpoint.url), composition.environment);
  await createTable(endpoint.url, composition.table, (work) => runAsFunction(own, STARTER, work));

  const stack: RunningStack = {
    url,
    clock,
    workspace,
    options,
    token: (name) => issueToken(key, { user: name }, workspace),
  };
  await changes?.stream.start();
  await stepFunctions.recover();
  gate.open(listener);
  asynchronous.start();
  deliveries.start();
  scheduler.start();
  changes?.source.start();
  await runAsFunction(own, STARTER, () => composition.prepare(stack));
  // Once it is ready, the first thing that ends is the answering of requests.
  closers.add(() => server.close());
  ready = true;
  return { url, clock, activity, close: () => closers.close() };
}

function openEngine(folder: DataFolder, log: (line: string) => void): Promise<DynamoDbEngine> {
  const external = process.env["DYNAMODB_ENDPOINT"];
  if (external !== undefined && external !== "") return Promise.resolve(externalEngine(external));
  return startEngine(folder.file("dynamodb.sqlite"), log);
}
