import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { type Clock, systemClock } from "../../shared/model/time/clock.ts";
import { lambdaTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { countingThrottles } from "../telemetry/throttles.ts";
import { type Environment, instanceOf } from "./settings.ts";

/** Everything that the handlers take from their process. The local stack and tests pass their own. */
export interface Runtime extends Telemetry {
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly environment: Environment;
}

export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly stepFunctions: SFNClient;
  readonly scheduler: SchedulerClient;
}

/** An endpoint of one's own, such as the local stack's, has one host. AWS has another one for TestState. */
const stepFunctionsClient = () =>
  new SFNClient({ disableHostPrefix: process.env["AWS_ENDPOINT_URL_SFN"] !== undefined });

/** Creates the SDK clients, which count throttled calls. Only the environment determines their endpoints. */
const awsClients = (): AwsClients => ({
  dynamodb: countingThrottles(new DynamoDBClient({}), "dynamoDbThrottles"),
  stepFunctions: countingThrottles(stepFunctionsClient(), "stepFunctionsThrottles"),
  scheduler: countingThrottles(new SchedulerClient({}), "schedulerThrottles"),
});

/** Creates the runtime of a function on AWS, once per execution environment. */
export const lambdaRuntime = (): Runtime => ({
  ...lambdaTelemetry(instanceOf(process.env)),
  clients: awsClients(),
  clock: systemClock,
  environment: process.env,
});
