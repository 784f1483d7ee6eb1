import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** The AWS resources that alarms and the dashboard watch, in addition to Sluice's own metrics. */
export interface MonitoredResources {
  /** Queues that should be empty, by the name of their alarm. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly sweeper: IFunction;
  readonly publisher: IFunction;
  readonly gate: IFunction;
  readonly api: HttpApi;
  readonly table: Pick<TableV2, "metricConsumedReadCapacityUnits" | "metricConsumedWriteCapacityUnits">;
}
