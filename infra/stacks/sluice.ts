import type { Construct } from "constructs";
import { AlarmStack } from "./alarms.ts";
import { ApiStack } from "./api.ts";
import { addCompanyRules } from "./company-rules.ts";
import { ConsoleContentStack } from "./console-content.ts";
import { DataStack } from "./data.ts";
import { readParameters } from "./parameters.ts";
import { ScheduleStack } from "./schedule.ts";
import { addSignIn } from "./sign-in.ts";
import { WorkflowStack } from "./workflow.ts";

export interface BuiltFiles {
  /** Folder with one bundle for each function. */
  readonly bundles: string;
  /** The folder of the built console. */
  readonly consoleFiles: string;
}

/** Adds all stacks of Sluice to a CDK app, a stage or a construct. Without a stage's, they have no account and no region. */
export const addSluice = (scope: Construct, { bundles, consoleFiles }: BuiltFiles): void => {
  const parameters = readParameters(scope);
  const { table } = new DataStack(scope);
  const common = { bundles, table, logRetention: parameters.logRetentionDays, parameters };
  const workflow = new WorkflowStack(scope, {
    ...common,
    workspaces: parameters.workspaces,
    taskTag: parameters.taskTag,
    allow: parameters.allow,
    gateConcurrency: parameters.gateConcurrency,
    waitConcurrency: parameters.waitConcurrency,
  });
  const schedule = new ScheduleStack(scope, common);
  const { identity, console } = addSignIn(scope, parameters);
  const api = new ApiStack(scope, {
    ...common,
    identity,
    audience: parameters.audience,
    clients: parameters.clients,
    origins: [...(console === undefined ? [] : [console.site.origin]), ...parameters.webOrigins],
    apiRate: parameters.apiRate,
    apiBurst: parameters.apiBurst,
  });
  // Stacks refer to each other by reserved names, so CDK cannot derive the order of deployment. The API comes last, after
  // everything that it calls.
  schedule.addStackDependency(workflow);
  api.addStackDependency(schedule);
  if (console !== undefined) {
    const { consoleWorkspace: workspace } = parameters;
    new ConsoleContentStack(scope, {
      bucket: console.site.bucket,
      files: consoleFiles,
      config: {
        signIn: console.signIn,
        apiUrl: api.url,
        ...(workspace !== undefined && { workspace }),
      },
      logRetention: parameters.logRetentionDays,
    });
  }
  new AlarmStack(scope, {
    deadLetters: { events: workflow.deadLetters, schedule: schedule.deadLetters },
    sweeper: schedule.sweeper,
    publisher: workflow.publisher,
    gate: workflow.gate,
    api: api.api,
    table,
    alarmTopicArn: parameters.alarmTopicArn,
  });
  addCompanyRules(scope, parameters);
};
