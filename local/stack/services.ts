import type { AwsEndpoint } from "../aws/endpoint.ts";
import { awsEnvironment } from "../aws/environment.ts";
import { ACCOUNT, REGION } from "../aws/function-name.ts";
import { type DynamoDbEngine, startEngine } from "../dynamodb/dynoxide.ts";
import { externalEngine } from "../dynamodb/external.ts";
import { DynamoDbProxy } from "../dynamodb/proxy.ts";
import { openStream } from "../dynamodb/stream/open-stream.ts";
import { LocalEventBus } from "../events/bus.ts";
import { LocalIntegrations } from "../integrations/local-integrations.ts";
import { Queues } from "../integrations/queues.ts";
import { Stubs } from "../integrations/stubs.ts";
import { Topics } from "../integrations/topics.ts";
import { AsyncInvocations } from "../lambda/async-invocations.ts";
import { DeadLetters } from "../lambda/dead-letters.ts";
import { Lambda } from "../lambda/lambda.ts";
import { OwnFunctions } from "../lambda/own-functions.ts";
import { FunctionPool } from "../lambda/user-functions/function-pool.ts";
import { UserFunctions } from "../lambda/user-functions/user-functions.ts";
import type { Integrations } from "../ports/services.ts";
import { Deliveries } from "../scheduler/deliveries.ts";
import { Scheduler } from "../scheduler/service.ts";
import { SchedulerStore } from "../scheduler/store.ts";
import { Sources } from "../sources/sources.ts";
import { Receiver } from "../sqs/receiver.ts";
import { Sqs } from "../sqs/sqs.ts";
import { createStepFunctions, type StepFunctions } from "../step-functions/index.ts";
import type { DataFolder } from "../storage/data-folder.ts";
import { ObjectFolder } from "../storage/object-folder.ts";
import type { Composition, LocalStackOptions } from "./composition.ts";
import { type Closers, type Core, log } from "./core.ts";

const FUNCTION_TIMEOUT_MS = 15 * 60_000;

/** Starts the stack's own DynamoDB engine, unless `DYNAMODB_ENDPOINT` names another. */
export function openDynamoDbEngine(folder: DataFolder, closers: Closers): Promise<DynamoDbEngine> {
  const external = process.env["DYNAMODB_ENDPOINT"];
  const starting =
    external === undefined || external === ""
      ? startEngine(folder.file("dynamodb.sqlite"), log)
      : Promise.resolve(externalEngine(external));
  closers.add(async () => (await starting.catch(() => undefined))?.close());
  return starting;
}

/** Lambda: synchronous and asynchronous invocations of Sluice's own and of the user's functions. */
export function openLambda(
  core: Core,
  url: string,
  options: LocalStackOptions,
  composition: Composition,
  closers: Closers,
) {
  const { database, clock, activity, usage, faults, roles } = core;
  const own = new OwnFunctions(composition.functions, core.own);
  const pool = new FunctionPool(() => ({ ...process.env, ...awsEnvironment(url) }), { logs: core.logs });
  closers.add(() => pool.close());
  const user = new UserFunctions(options.functions, pool, options.functionTimeout ?? FUNCTION_TIMEOUT_MS);
  const lambda = new Lambda({ own, user, usage, faults, activity, roles });
  const deadLetters = new DeadLetters(database, clock);
  const asynchronous = new AsyncInvocations({ database, clock, activity, lambda, deadLetters });
  closers.add(() => asynchronous.close());
  return { lambda, deadLetters, asynchronous, pool };
}
type Functions = ReturnType<typeof openLambda>;

export const openEventBus = (
  { database, clock }: Core,
  { asynchronous }: Functions,
  composition: Composition,
) =>
  new LocalEventBus({
    database,
    clock,
    asynchronous,
    statusChangeFunction: composition.statusChangeFunction,
  });

/**
 * The services that flows call in addition to Lambda: the user's stubs, and the stack's own DynamoDB, SQS, SNS and EventBridge.
 */
export function openIntegrations(
  { database, clock }: Core,
  { pool }: Functions,
  options: LocalStackOptions,
  bus: LocalEventBus,
  dynamodb: () => AwsEndpoint | undefined,
) {
  const queues = new Queues(database, clock);
  const topics = new Topics(database, clock);
  const stubs = openStubs(options, pool);
  return { queues, topics, integrations: new LocalIntegrations({ stubs, queues, topics, bus, dynamodb }) };
}

function openStubs({ stubs, functionTimeout = FUNCTION_TIMEOUT_MS }: LocalStackOptions, pool: FunctionPool) {
  if (stubs === undefined) return undefined;
  return new Stubs(stubs, new UserFunctions(stubs, pool, functionTimeout, ["handler", "default"]));
}

export function openStepFunctions(
  { clock, activity, usage }: Core,
  folder: DataFolder,
  { lambda }: Functions,
  bus: LocalEventBus,
  integrations: Integrations,
  closers: Closers,
): StepFunctions {
  const database = folder.file("step-functions.sqlite");
  const place = { region: REGION, account: ACCOUNT };
  const stepFunctions = createStepFunctions({
    database,
    clock,
    activity,
    lambda,
    integrations,
    objects: new ObjectFolder(folder.objects),
    bus,
    meter: usage,
    ...place,
  });
  closers.add(() => stepFunctions.close());
  return stepFunctions;
}

/** The user's events, queues and buckets that send records to flows. */
export function openSources(
  { database, clock, activity }: Core,
  { lambda, asynchronous, deadLetters }: Functions,
  queues: Queues,
  bus: LocalEventBus,
  { intakeFunction }: Composition,
  { workspace, folder }: { readonly workspace: string; readonly folder: string },
  closers: Closers,
): Sources {
  const sources = new Sources({
    ...{ database, clock, activity, lambda, asynchronous, deadLetters, queues, bus, folder },
    objects: new ObjectFolder(folder),
    intake: `${intakeFunction}:ws-${workspace}`,
  });
  closers.add(() => sources.close());
  return sources;
}

/** SQS's own interface over the queues that flows send to. */
export const openSqs = ({ database, clock }: Core, queues: Queues, sources: Sources, url: string): Sqs =>
  new Sqs({
    ...{ queues, receiver: new Receiver(database, clock, queues) },
    urlOf: (queue) => `${url}/aws/sqs/${ACCOUNT}/${queue}`,
    consumerOf: (queue) => sources.consumerOf(queue),
  });

/** The Scheduler and the deliveries to its targets. */
export function openScheduler(
  core: Core,
  functions: Functions,
  { service }: StepFunctions,
  closers: Closers,
) {
  const { database, clock, activity, faults, usage } = core;
  const schedules = new SchedulerStore(database);
  const deliveries = new Deliveries(schedules, {
    ...{ database, clock, activity, ...functions },
    states: (operation, body) =>
      faults.around("states", operation, () => {
        usage.call("states", operation);
        return service.call(operation, body);
      }),
  });
  closers.add(() => deliveries.close());
  return { deliveries, scheduler: new Scheduler({ database, store: schedules, clock, deliveries }) };
}

/** DynamoDB and, if the composition has one, the table's stream. */
export function openDynamoDb(
  { database, clock, activity, usage }: Core,
  engine: DynamoDbEngine,
  { lambda, deadLetters }: Functions,
  composition: Composition,
  closers: Closers,
) {
  const { stream } = composition;
  const changes = stream && openStream(stream, { engine, database, clock, activity, lambda, deadLetters });
  closers.add(() => changes?.close());
  return { dynamodb: new DynamoDbProxy(engine, usage, changes?.stream), changes };
}
