import { join } from "node:path";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { API_TIMEOUT_SECONDS } from "../../shared/model/limits.ts";
import { type FunctionDefinition, functions } from "../functions.ts";
import { acknowledge } from "./acknowledge.ts";
import { attachedStatements } from "./attached/machines.ts";
import { grantsOf, type TableReference } from "./grants.ts";
import { logStatements } from "./log-statements.ts";
import { named } from "./names.ts";
import { allowing } from "./policy-statements.ts";
import { machinesArn } from "./reserved-arns.ts";
import { environmentOf, type FunctionParameters } from "./settings.ts";

/** The settings that all functions of a deployment share. */
export interface SluiceFunctionProps {
  /** Folder with one bundle for each function, see `bundleFunctions`. */
  readonly bundles: string;
  readonly table: TableReference;
  readonly logRetention: RetentionDays;
  readonly parameters: FunctionParameters;
}

interface Sizing {
  /** Slightly shorter than the caller waits: API Gateway times out after 30 s. */
  readonly timeout?: Duration;
  /** Megabytes. CPU is proportional. */
  readonly memorySize?: number;
  /** Whether Lambda traces a sample of the calls, or only calls whose caller is traced. */
  readonly traced?: boolean;
  readonly reservedConcurrency?: number | undefined;
}

/**
 * A Lambda function of Sluice: Node.js 24 on arm64, one prebuilt bundle, its own role with exactly the grants of its definition,
 * structured logs with a retention, tracing.
 */
export class SluiceFunction extends LambdaFunction {
  constructor(
    scope: Construct,
    key: keyof typeof functions,
    props: SluiceFunctionProps,
    sizing: Sizing = {},
  ) {
    const definition: FunctionDefinition = functions[key];
    const name = named(scope, definition.name);
    const logGroup = new LogGroup(scope, `${key}-logs`, {
      logGroupName: `/aws/lambda/${name}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${key}-role`, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `Execution role of ${name}`,
    });
    super(scope, key, {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(props.bundles, definition.name), { exclude: ["*.map"] }),
      handler: "index.handler",
      role,
      memorySize: sizing.memorySize ?? 1024,
      timeout: sizing.timeout ?? Duration.seconds(API_TIMEOUT_SECONDS),
      tracing: sizing.traced === false ? Tracing.PASS_THROUGH : Tracing.ACTIVE,
      ...(sizing.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: sizing.reservedConcurrency,
      }),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        POWERTOOLS_SERVICE_NAME: name,
        ...(definition.table === "none"
          ? {}
          : environmentOf(scope, props.table, props.parameters, definition)),
      },
    });
    role.addToPolicy(allowing(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]));
    for (const statement of [
      ...grantsOf(role, definition, props.table),
      ...attachedStatements(role, definition, props.parameters.attachable),
      ...logStatements(role, definition, props.parameters.stepLogs),
    ])
      role.addToPolicy(statement);
    if (
      definition.states?.includes("CreateStateMachine") === true &&
      Object.keys(props.parameters.tags).length > 0
    )
      role.addToPolicy(allowing(["states:TagResource"], [machinesArn(scope)]));
    acknowledge(role, {
      "IAM5[Resource::*]":
        "X-Ray's PutTraceSegments and PutTelemetryRecords do not support resource-level permissions.",
    });
  }
}
