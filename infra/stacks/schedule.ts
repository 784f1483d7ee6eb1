import { Duration } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { DeadLetterQueue, keepFailedEvents } from "../constructs/dead-letter-queue.ts";
import { named, namedOnce } from "../constructs/names.ts";
import { allowing } from "../constructs/policy-statements.ts";
import {
  functionArn,
  SCHEDULE_DEAD_LETTERS,
  SCHEDULE_GROUP,
  SCHEDULER_ROLE_NAME,
} from "../constructs/reserved-arns.ts";
import { SluiceFunction, type SluiceFunctionProps } from "../constructs/sluice-function.ts";
import { functions } from "../functions.ts";
import { SluiceStack } from "./sluice-stack.ts";

/** Scheduled work: the ends of holds, and the sweeper, which completes overdue work every minute. */
export class ScheduleStack extends SluiceStack {
  readonly deadLetters: Queue;
  readonly sweeper: LambdaFunction;

  constructor(scope: Construct, props: SluiceFunctionProps) {
    super(scope, "sluice-schedule", {
      description: "Sluice: the sweeper and scheduled events",
    });

    this.deadLetters = new DeadLetterQueue(this, "dead-letters", named(this, SCHEDULE_DEAD_LETTERS));
    this.sweeper = new SluiceFunction(this, "sweep", props, { timeout: Duration.minutes(5) });
    // Called by one-time schedules that are created at run time, one for each hold.
    const scheduled = (["autoResume", "warning"] as const).map(
      (key) => new SluiceFunction(this, key, props, { timeout: Duration.minutes(1) }),
    );
    for (const called of [this.sweeper, ...scheduled]) keepFailedEvents(called, this.deadLetters);

    const group = new CfnScheduleGroup(this, "group", { name: named(this, SCHEDULE_GROUP) });
    const role = new Role(this, "role", {
      roleName: namedOnce(this, SCHEDULER_ROLE_NAME),
      description: "EventBridge Scheduler invokes Sluice's scheduled functions with it",
      // Only for schedules of this group: the conditions that the Scheduler guide recommends against a confused deputy.
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": this.account, "aws:SourceArn": group.attrArn },
        },
      }),
    });
    role.addToPolicy(
      allowing(
        ["lambda:InvokeFunction"],
        [
          ...[this.sweeper, ...scheduled].map(({ functionArn }) => functionArn),
          // In an earlier stack; called by the schedules of triggers.
          functionArn(this, functions.intake.name),
        ],
      ),
    );
    role.addToPolicy(allowing(["sqs:SendMessage"], [this.deadLetters.queueArn]));

    const schedule = new CfnSchedule(this, "sweep-schedule", {
      name: named(this, "sluice-sweep"),
      groupName: named(this, SCHEDULE_GROUP),
      description: "Calls the sweeper",
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: this.sweeper.functionArn,
        roleArn: role.roleArn,
        // The next call follows in a minute and does the same, so a failed call need not be repeated.
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: this.deadLetters.queueArn },
      },
    });
    schedule.addResourceDependency(group);
    // The policy is a separate resource, and Scheduler checks the role when the schedule is created.
    schedule.node.addDependency(role);
  }
}
