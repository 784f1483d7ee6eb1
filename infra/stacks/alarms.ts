import { Duration, Stack } from "aws-cdk-lib";
import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

export interface AlarmStackProps {
  /** Queues that ought to be empty, by the name that their alarm gets. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly sweeper: IFunction;
  readonly publisher: IFunction;
  /** Topic that is told; none: the alarms are seen in CloudWatch only. */
  readonly alarmTopicArn?: string | undefined;
}

/** What an operator must hear about: an event that was lost on its way or is late, and a sweeper that no longer runs. */
export class AlarmStack extends Stack {
  constructor(scope: Construct, { deadLetters, sweeper, publisher, alarmTopicArn }: AlarmStackProps) {
    super(scope, "sluice-alarms", { description: "Sluice: alarms" });
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, "topic", alarmTopicArn);
    const alarm = (id: string, props: AlarmProps) => {
      const made = new Alarm(this, id, { ...props, alarmName: `sluice-${id}` });
      if (topic !== undefined) made.addAlarmAction(new SnsAction(topic));
    };

    for (const [name, queue] of Object.entries(deadLetters)) {
      alarm(`${name}-dead-letters`, {
        alarmDescription: `Events of ${name} could not be handled and lie in ${queue.queueName}`,
        metric: queue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(1),
          statistic: "Maximum",
        }),
        threshold: 0,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    }
    alarm("events-late", {
      alarmDescription: "Changes of runs and flows reach the event bus more than five minutes late",
      metric: publisher.metric("IteratorAge", { period: Duration.minutes(1), statistic: "Maximum" }),
      threshold: Duration.minutes(5).toMilliseconds(),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm("sweeper-silent", {
      alarmDescription: "The sweeper has not run for five minutes; what was left half-done stays so",
      metric: sweeper.metricInvocations({ period: Duration.minutes(5), statistic: "Sum" }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm("sweeper-failing", {
      alarmDescription: "The sweeper has failed three times in five minutes",
      metric: sweeper.metricErrors({ period: Duration.minutes(5), statistic: "Sum" }),
      threshold: 3,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
