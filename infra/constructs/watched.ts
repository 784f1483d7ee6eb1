import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** What operators look at, beside what Sluice tells of itself. */
export interface Watched {
  /** Queues that ought to be empty, by the name that their alarm gets. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly sweeper: IFunction;
  readonly publisher: IFunction;
  readonly gate: IFunction;
  readonly api: HttpApi;
  readonly table: Pick<TableV2, "metricConsumedReadCapacityUnits" | "metricConsumedWriteCapacityUnits">;
}
