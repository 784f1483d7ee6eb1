import { invalidArn, noExecution, noResource } from "../model/errors.ts";
import type { MapRun } from "../store/map-runs.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import { checkExecutionArn } from "./arns.ts";
import { nextToken } from "./parameters.ts";

/** In a child's ARN, the Map's label follows the machine's name. */
const CHILD = /:execution:[^:/]+\/[^:]+:/;

const common = ({ arn, parent, started, stopped }: MapRun) => ({
  mapRunArn: arn,
  executionArn: parent,
  startDate: seconds(started),
  ...(stopped === undefined ? {} : { stopDate: seconds(stopped) }),
});

/** Describes a Map run with the counts of its children, as AWS does. Here, each item counts as its child. */
export const describeMapRun: Operation = ({ stores }, parameters) => {
  const arn = parameters.required("mapRunArn", 2_000);
  if (!/^arn:[\w-]+:states:[^:]*:[^:]*:mapRun:[^:]+:[^:]+$/.test(arn))
    throw invalidArn(`Invalid Map Run Arn: '${arn}'`);
  const run = stores.mapRuns.get(arn);
  if (run === undefined) throw noResource(arn);
  const counts = run.counts ?? stores.mapRuns.counts(run);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const described = {
    ...counts,
    timedOut: 0,
    total,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
  return {
    ...common(run),
    status: run.status,
    maxConcurrency: run.concurrency,
    toleratedFailureCount: run.tolerated,
    toleratedFailurePercentage: 0,
    itemCounts: described,
    executionCounts: described,
    redriveCount: 0,
  };
};

export const listMapRuns: Operation = (api: Api, parameters) => {
  const parent = checkExecutionArn(parameters.required("executionArn"));
  const { mapRuns, executions } = api.stores;
  const found = mapRuns.of(parent);
  if (found.length === 0 && !CHILD.test(parent) && !executions.byArn(parent)) throw noExecution(parent);
  const from = Number(parameters.position("mapRuns") ?? 0);
  const size = parameters.pageSize();
  const machine = parent.replace(":execution:", ":stateMachine:").replace(/:[^:]*$/, "");
  return {
    mapRuns: found.slice(from, from + size).map((run) => ({ ...common(run), stateMachineArn: machine })),
    ...(found.length > from + size ? { nextToken: nextToken("mapRuns", from + size) } : {}),
  };
};
