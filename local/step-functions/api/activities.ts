import { activityDoesNotExist, constraint, invalidArn } from "../model/errors.ts";
import { startActivity } from "../states/task.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import { checkName, type Parameters, readPageByName } from "./parameters.ts";
import { addTags } from "./tags.ts";

function arnOf(parameters: Parameters): string {
  const arn = parameters.required("activityArn", 256);
  if (!/^arn:[\w-]+:states:[^:]+:[^:]+:activity:[^:]+$/.test(arn)) throw invalidArn(arn);
  return arn;
}

const activityAt = (api: Api, parameters: Parameters) => {
  const arn = arnOf(parameters);
  const activity = api.stores.activities.get(arn);
  if (!activity) throw activityDoesNotExist(arn);
  return activity;
};

/** For a name that exists, returns the existing activity. */
export const createActivity: Operation = (api, parameters) => {
  const { activities } = api.stores;
  const name = checkName(parameters.required("name"));
  const arn = api.arns.activity(name);
  const activity = activities.get(arn) ?? { arn, name, created: api.clock.now() };
  if (activities.get(arn) === undefined) {
    activities.insert(activity);
    addTags(api, arn, parameters.raw("tags"));
  }
  return { activityArn: arn, creationDate: seconds(activity.created) };
};

export const deleteActivity: Operation = (api, parameters) => {
  const arn = arnOf(parameters);
  api.stores.activities.delete(arn);
  api.stores.tags.deleteOf(arn);
  return {};
};

export const describeActivity: Operation = (api, parameters) => {
  return shown(activityAt(api, parameters));
};

const shown = ({ arn, name, created }: ReturnType<typeof activityAt>) => ({
  activityArn: arn,
  name,
  creationDate: seconds(created),
});

export const listActivities: Operation = (api, parameters) => {
  const { entries, next } = readPageByName(parameters, "activities", (after, limit) =>
    api.stores.activities.list(after, limit),
  );
  return { activities: entries.map(shown), ...next };
};

/** The oldest task of the activity; an empty answer if there is none. The caller waits for one, up to a minute. */
export const getActivityTask: Operation = (api, parameters) => {
  const { arn } = activityAt(api, parameters);
  const workerName = parameters.optional("workerName");
  if (workerName !== undefined && workerName.length > 80)
    throw constraint(`'${workerName}'`, "workerName", "Member must have length less than or equal to 80");
  for (
    let task = api.stores.activities.take(arn);
    task !== undefined;
    task = api.stores.activities.take(arn)
  ) {
    const frame = api.stores.frames.get(task.frame);
    if (frame?.phase !== "task" || frame.control.token !== task.token) continue;
    if (api.stores.executions.get(frame.execution).status !== "RUNNING") continue;
    api.runner.transaction(frame.execution, () => startActivity(api.runner.stateDeps, frame, workerName));
    return { taskToken: task.token, input: task.input };
  }
  return {};
};
