import { Duration } from "aws-cdk-lib";
import {
  EventSourceMapping,
  type Function as LambdaFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { tableStream } from "../event-sources.ts";
import { streamArnOf, type TableReference } from "./grants.ts";
import { allowing } from "./policy-statements.ts";

export interface TableChangesProps {
  readonly table: TableReference;
  /** Its definition has `table: "stream"`, so that Lambda may read the stream for it. */
  readonly reader: LambdaFunction;
  /** Receives the positions of batches that were given up; the stream keeps their records for a day. */
  readonly deadLetters: IQueue;
}

/** Delivers the table's changes to a function, each at least once, and those of one item in order. */
export class TableChanges extends Construct {
  constructor(scope: Construct, id: string, { table, reader, deadLetters }: TableChangesProps) {
    super(scope, id);
    const { filters, batchSize, parallelizationFactor, retryAttempts, maxRecordAgeHours } = tableStream;
    const mapping = new EventSourceMapping(this, "mapping", {
      target: reader,
      eventSourceArn: streamArnOf(table),
      // LATEST would miss what is written while the mapping is being created (Developer Guide, "Polling and stream starting positions").
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })),
      batchSize,
      maxBatchingWindow: Duration.seconds(1),
      parallelizationFactor,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts,
      maxRecordAge: Duration.hours(maxRecordAgeHours),
      // SqsDlq would also grant two actions that Lambda does not use.
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    });
    reader.addToRolePolicy(allowing(["sqs:SendMessage"], [deadLetters.queueArn]));
    // Lambda checks the role when the mapping is created.
    if (reader.role !== undefined) mapping.node.addDependency(reader.role);
  }
}
