import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
} from "@aws-sdk/client-scheduler";
import type { HoldEvent, Schedules } from "./ports.ts";

export interface SchedulerSettings {
  readonly group: string;
  /** Role with which schedules call their functions. */
  readonly roleArn: string;
  readonly autoResumeArn: string;
  readonly warningArn: string;
  readonly deadLetterArn: string;
}

const nth = (name: string, tries: number): string => (tries === 0 ? name : `${name}-${tries}`);
const endName = ({ holdId, tries }: HoldEvent): string => nth(`hold-${holdId}`, tries);
const beginName = (planId: string, tries = 0): string => nth(`begin-${planId}`, tries);
const warningName = (holdId: string): string => `warn-${holdId}`;

/** `at()` accepts only whole seconds. Rounded up, so that no hold ends early. */
const atExpression = (time: number): string =>
  `at(${new Date(Math.ceil(time / 1_000) * 1_000).toISOString().slice(0, 19)})`;

/** Scheduler retries for a day; the sweeper lifts the hold long before that. */
export const RETRY_POLICY = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };

/** Waits for the creation of a schedule whose name is never used twice: an existing one is its own. */
export const unlessItExists = async (creation: Promise<unknown>): Promise<void> => {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof ConflictException)) throw error;
  }
};

/** Deletes a schedule. One that does not exist counts as deleted. */
export const removeSchedule = async (client: SchedulerClient, group: string, name: string): Promise<void> => {
  try {
    await client.send(new DeleteScheduleCommand({ GroupName: group, Name: name }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
};

/** Schedules of EventBridge Scheduler. Their names contain hold ids, which are never used twice. */
export const schedulerSchedules = (client: SchedulerClient, settings: () => SchedulerSettings): Schedules => {
  const create = async (name: string, functionArn: string, event: HoldEvent, at: number): Promise<void> => {
    const { group, roleArn, deadLetterArn } = settings();
    await unlessItExists(
      client.send(
        new CreateScheduleCommand({
          GroupName: group,
          Name: name,
          ScheduleExpression: atExpression(at),
          ScheduleExpressionTimezone: "UTC",
          FlexibleTimeWindow: { Mode: "OFF" },
          ActionAfterCompletion: "DELETE",
          Target: {
            Arn: functionArn,
            RoleArn: roleArn,
            Input: JSON.stringify(event),
            RetryPolicy: RETRY_POLICY,
            DeadLetterConfig: { Arn: deadLetterArn },
          },
        }),
      ),
    );
  };
  const remove = (name: string): Promise<void> => removeSchedule(client, settings().group, name);
  return {
    createEnd: (event, at) => create(endName(event), settings().autoResumeArn, event, at),
    createBegin: (event, at) =>
      create(beginName(event.holdId, event.tries), settings().autoResumeArn, { ...event, begins: true }, at),
    createWarning: (event, at) => create(warningName(event.holdId), settings().warningArn, event, at),
    delete: async (holdId) => {
      await Promise.all([remove(`hold-${holdId}`), remove(warningName(holdId))]);
    },
    deleteBegin: (planId) => remove(beginName(planId)),
  };
};
