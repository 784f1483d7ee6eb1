import type { App } from "aws-cdk-lib";
import { AlarmStack } from "./alarms.ts";
import { ApiStack } from "./api.ts";
import { DataStack } from "./data.ts";
import { IdentityStack } from "./identity.ts";
import { readParameters } from "./parameters.ts";
import { ScheduleStack } from "./schedule.ts";
import { WorkflowStack } from "./workflow.ts";

/**
 * All of Sluice's stacks in one app, none bound to an account or a region.
 * @param bundles folder that holds one bundle a function
 */
export const addSluice = (app: App, bundles: string): void => {
  const parameters = readParameters(app);
  const { table } = new DataStack(app);
  const house = { bundles, table, logRetention: parameters.logRetentionDays, parameters };
  const workflow = new WorkflowStack(app, {
    ...house,
    workspaces: parameters.workspaces,
    taskTag: parameters.taskTag,
  });
  const schedule = new ScheduleStack(app, house);
  const identity =
    parameters.issuer ??
    new IdentityStack(app, {
      signInUrls: parameters.signInUrls,
      platformGroup: parameters.platformValue,
    });
  const api = new ApiStack(app, {
    ...house,
    identity,
    audience: parameters.audience,
    clients: parameters.clients,
  });
  // They speak to each other by reserved names, so the order of deployment is said here: the API last, when all that it calls stands.
  schedule.addStackDependency(workflow);
  api.addStackDependency(schedule);
  new AlarmStack(app, {
    deadLetters: { events: workflow.deadLetters, schedule: schedule.deadLetters },
    sweeper: schedule.sweeper,
    publisher: workflow.publisher,
    alarmTopicArn: parameters.alarmTopicArn,
  });
};
