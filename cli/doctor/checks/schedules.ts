import { GetScheduleCommand, paginateListSchedules } from "@aws-sdk/client-scheduler";
import { functions } from "../../../infra/functions.ts";
import { allItems } from "../../../shared/client/pages.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { absentOn } from "../aws.ts";
import { arnIn, type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, unchecked, warning } from "../finding.ts";

/** Whether the sweeper is called every minute, and whether each planned end of a hold has its schedule. */
export const checkSchedules = async (deployment: Deployment): Promise<Found[]> => [
  await sweeper(deployment),
  ...(await endsOfHolds(deployment)),
];

const sweeper = async (deployment: Deployment): Promise<Found> => {
  const Name = nameIn(deployment, functions.sweep.name);
  const schedule = await deployment.aws.scheduler
    .send(new GetScheduleCommand({ Name, GroupName: nameIn(deployment, "sluice") }))
    .catch(absentOn("ResourceNotFoundException"));
  const again = "Deploy sluice-schedule again. Until then, overdue work is not completed";
  if (schedule === undefined) return problem("The sweeper's schedule is missing", again);
  if (schedule.State !== undefined && schedule.State !== "ENABLED")
    return problem("The sweeper's schedule is disabled", "Enable it, or deploy sluice-schedule again");
  const target = arnIn(deployment, "lambda", `function:${Name}`);
  if (schedule.Target?.Arn !== target)
    return problem(`The sweeper's schedule does not call ${target}`, again);
  return ok("The sweeper is called every minute");
};

/** A hold's schedule contains the flow in its input. Without it, the sweeper lifts the hold, up to a minute later. */
const endsOfHolds = async (deployment: Deployment): Promise<Found[]> => {
  const { api } = deployment;
  if (api === undefined)
    return [unchecked("the ends of pauses, because you are not signed in", "sluice login")];
  const flows = await allItems((cursor) => api.client.listFlows({ query: { limit: MAX_PAGE, cursor } }));
  const ending = flows.filter(({ resumeAt }) => resumeAt !== undefined);
  if (ending.length === 0) return [ok("No paused flow has a planned end")];
  const scheduled = await scheduledFlows(deployment);
  const missing = ending.filter((flow) => !scheduled.has(keyOf(api.workspace, flow)));
  return missing.length === 0
    ? [ok(`All ${ending.length} planned ends of pauses have a schedule`)]
    : missing.map(({ flowId, resumeAt }) =>
        warning(
          `The pause of ${flowId} ends at ${resumeAt}, but has no schedule`,
          "Nothing: the sweeper ends it within a minute. If this happens often, find out who deletes schedules",
        ),
      );
};

const keyOf = (workspace: string, { flowId }: Pick<Flow, "flowId">): string => `${workspace}/${flowId}`;

const scheduledFlows = async (deployment: Deployment): Promise<Set<string>> => {
  const { scheduler } = deployment.aws;
  const GroupName = nameIn(deployment, "sluice");
  const found = new Set<string>();
  const pages = paginateListSchedules({ client: scheduler }, { GroupName, NamePrefix: "hold-" });
  for await (const { Schedules = [] } of pages)
    for (const { Name } of Schedules) {
      const schedule = await scheduler
        .send(new GetScheduleCommand({ GroupName, Name }))
        .catch(absentOn("ResourceNotFoundException")); // a resume may just have deleted it
      if (schedule === undefined || schedule.State === "DISABLED") continue;
      const { workspace, flowId } = JSON.parse(schedule.Target?.Input ?? "{}") as {
        workspace?: string;
        flowId?: string;
      };
      if (workspace !== undefined && flowId !== undefined) found.add(keyOf(workspace, { flowId }));
    }
  return found;
};
