import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  EventSourceMapping,
  type Function as LambdaFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { tableStream } from "../event-sources.ts";
import { streamArnOf, type TableName } from "./grants.ts";

export interface TableChangesProps {
  readonly table: TableName;
  /** Its definition says `table: "stream"`, which lets Lambda read the stream for it. */
  readonly reader: LambdaFunction;
  /** What is told of batches that were given up: where they stand in the stream, for a day. */
  readonly deadLetters: IQueue;
}

/** Brings the table's changes to the function that is told of them, each at least once, and those of one item in order. */
export class TableChanges extends Construct {
  constructor(scope: Construct, id: string, { table, reader, deadLetters }: TableChangesProps) {
    super(scope, id);
    const { filters, batchSize, parallelizationFactor, retryAttempts, maxRecordAgeHours } = tableStream;
    const mapping = new EventSourceMapping(this, "mapping", {
      target: reader,
      eventSourceArn: streamArnOf(table),
      // With LATEST what is written while the mapping is being made would be missed (Developer Guide, "Polling and stream starting positions").
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })),
      batchSize,
      maxBatchingWindow: Duration.seconds(1),
      parallelizationFactor,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts,
      maxRecordAge: Duration.hours(maxRecordAgeHours),
      // Not SqsDlq, which also grants two actions that Lambda does not use.
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    });
    reader.addToRolePolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }),
    );
    // Lambda checks the role when the mapping is made.
    if (reader.role !== undefined) mapping.node.addDependency(reader.role);
  }
}
