import { CreateScheduleCommand, type SchedulerClient, ValidationException } from "@aws-sdk/client-scheduler";
import { cutText } from "../model/json/text.ts";
import type { TriggerSchedules } from "./ports.ts";
import {
  RETRY_POLICY,
  removeSchedule,
  type SchedulerSettings,
  unlessItExists,
} from "./scheduler-schedules.ts";

export interface TriggerSettings extends Pick<SchedulerSettings, "group" | "roleArn" | "deadLetterArn"> {
  readonly intakeArn: string;
}

const nameOf = (generation: string): string => `trigger-${generation}`;
const MAX_REASON = 500;

/** Schedules of triggers in EventBridge Scheduler. Their names contain generations, which are never used twice. */
export const schedulerTriggers = (
  client: SchedulerClient,
  settings: () => TriggerSettings,
): TriggerSchedules => ({
  async create(trigger, { schedule, timezone, enabled }) {
    const { group, roleArn, deadLetterArn, intakeArn } = settings();
    const command = new CreateScheduleCommand({
      GroupName: group,
      Name: nameOf(trigger.generation),
      ScheduleExpression: schedule,
      ScheduleExpressionTimezone: timezone,
      State: enabled ? "ENABLED" : "DISABLED",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: intakeArn,
        RoleArn: roleArn,
        Input: JSON.stringify({ trigger, time: "<aws.scheduler.scheduled-time>" }),
        RetryPolicy: RETRY_POLICY,
        DeadLetterConfig: { Arn: deadLetterArn },
      },
    });
    try {
      await unlessItExists(client.send(command));
      return undefined;
    } catch (error) {
      if (error instanceof ValidationException) return cutText(error.message, MAX_REASON);
      throw error;
    }
  },
  delete: (generation) => removeSchedule(client, settings().group, nameOf(generation)),
});
