import { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { alarmConditions, alarmProps, type MonitoredResources } from "../constructs/alarm-conditions.ts";
import { named } from "../constructs/names.ts";
import { OperationsDashboard } from "../constructs/operations-dashboard.ts";
import { SluiceStack } from "./sluice-stack.ts";

export interface AlarmStackProps extends MonitoredResources {
  /** Topic that receives the alarms; without it, they appear only in CloudWatch. */
  readonly alarmTopicArn?: string | undefined;
}

/** The alarms and the dashboard. */
export class AlarmStack extends SluiceStack {
  constructor(scope: Construct, { alarmTopicArn, ...watched }: AlarmStackProps) {
    super(scope, "sluice-alarms", { description: "Sluice: alarms and the dashboard" });
    const topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, "topic", alarmTopicArn);
    const alarms = alarmConditions(watched).map((condition) => {
      const { name, description } = condition;
      const alarm = new Alarm(this, name, {
        ...alarmProps(condition),
        alarmName: named(this, `sluice-${name}`),
        alarmDescription: `${description}. What to do: docs/operate/alarms.md#sluice-${name}`,
      });
      if (topic !== undefined) {
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
      }
      return alarm;
    });
    new OperationsDashboard(this, "dashboard", { alarms, watched });
  }
}
