import { Duration } from "aws-cdk-lib";
import { EventInvokeConfig, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { allowing } from "./policy-statements.ts";

/** A queue for events that could not be delivered or processed, kept for 14 days, the maximum of SQS. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, queueName: string) {
    super(scope, id, {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this, { SQS3: "It is itself a dead-letter queue." });
  }
}

/**
 * Stores asynchronous events on which the function failed after Lambda's two retries. The dead-letter queues of EventBridge and
 * Scheduler never receive these, because the delivery to Lambda succeeded.
 */
export const keepFailedEvents = (handler: LambdaFunction, queue: IQueue): void => {
  new EventInvokeConfig(handler, "on-failure", {
    function: handler,
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
    // SqsDestination would also grant two actions that Lambda does not use.
    onFailure: { bind: () => ({ destination: queue.queueArn }) },
  });
  handler.addToRolePolicy(allowing(["sqs:SendMessage"], [queue.queueArn]));
};
