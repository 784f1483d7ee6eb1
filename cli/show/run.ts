import { messageOf } from "../../shared/model/cause.ts";
import type { AuditItem, Run } from "../../shared/model/schemas/run.ts";
import { standingText } from "../../shared/model/standing.ts";
import { starterName } from "../../shared/model/started-by.ts";
import { isDeletable, isReplayable, isTerminal, type RunStatus } from "../../shared/model/transitions.ts";
import { jsonText, type Paint, visible } from "../terminal/style.ts";
import { type Column, fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

const COLOURS: Readonly<Record<RunStatus, Parameters<Paint>[0]>> = {
  pending: "dim",
  running: "blue",
  paused: "yellow",
  waiting: "cyan",
  completed: "green",
  failed: "red",
  cancelled: "dim",
};

export const paintStatus = (paint: Paint, status: RunStatus, text: string = status): string =>
  paint(COLOURS[status], text);

/** The reason for a run's status, in one line. */
export const whyOf = (run: Run): string => {
  const { error, pausedBy, waitingOn, cancelReason, currentStep } = run;
  const at = currentStep === undefined ? "" : ` at ${currentStep}`;
  if (run.status === "failed" && error !== undefined) {
    const cause = messageOf(error);
    return `${error.error} in ${error.state}${cause === "" ? "" : `: ${cause}`}`;
  }
  if (run.status === "cancelled") return cancelReason ?? "";
  if (run.status === "paused" && pausedBy?.kind === "error") {
    const { error: name = "", state = "" } = pausedBy;
    const message = messageOf(pausedBy);
    return `paused by ${name}${state === "" ? "" : ` in ${state}`}${message === "" ? "" : `: ${message}`}`;
  }
  if (run.status === "paused" && pausedBy !== undefined) {
    const who = pausedBy.kind === "flow" ? "paused by its flow" : `paused by ${pausedBy.id ?? "a user"}`;
    const place = standingText(run);
    const isRunning = run.parkedAt === undefined && place !== "";
    const where = `${place === "" ? "" : ` ${place}`}${isRunning ? ", which is still running" : ""}`;
    return `${who}${where}${pausedBy.reason === undefined ? "" : `: ${pausedBy.reason}`}`;
  }
  if (waitingOn !== undefined) {
    const until = waitingOn.until === undefined ? "" : ` until ${localTime(waitingOn.until)}`;
    return `waiting for ${waitingOn.kind === "approval" ? "an" : "a"} ${waitingOn.kind}${at}${until}`;
  }
  if (run.queued) return "queued until its flow resumes";
  return isTerminal(run.status) ? "" : at.trim();
};

/** The next pause that a person has ordered, by a breakpoint or a number of steps; "" if there is none. */
export const pausesNext = ({ pauseBefore, stepsLeft, status }: Run): string => {
  if (status === "paused") return "";
  const steps =
    stepsLeft === undefined ? [] : [`after ${stepsLeft} more ${stepsLeft === 1 ? "step" : "steps"}`];
  return [...steps, ...(pauseBefore === undefined ? [] : [`before ${pauseBefore}`])].join(", or ");
};

/** Returns the actions of the transition table, plus replay and delete if the status allows them. */
const actionsOf = (run: Run): string[] => [
  ...run.allowedActions,
  ...(isReplayable(run.status) ? ["replay"] : []),
  ...(isDeletable(run) ? ["delete"] : []),
];

export const runColumns = (paint: Paint): Column<Run>[] => [
  { title: "RUN", cell: (run) => run.runId },
  { title: "FLOW", cell: (run) => run.flowId },
  {
    title: "STATUS",
    cell: (run) => run.status,
    paint: (text, run) => paintStatus(paint, run.status, text),
  },
  { title: "SINCE", cell: (run) => localTime(run.since) },
  { title: "STARTED BY", cell: (run) => visible(starterName(run)) },
];
export const actionsColumn: Column<Run> = { title: "ACTIONS", cell: (run) => actionsOf(run).join(" ") };
export const whyColumn: Column<Run> = { title: "WHY", cell: whyOf };

const attributesText = ({ attributes = {} }: Run): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");

const json = (value: unknown): string | undefined => (value === undefined ? undefined : jsonText(value, 2));

/** Every field of a run. */
export const runText = (run: Run, paint: Paint): string =>
  fields([
    ["run", run.runId],
    ["flow", `${run.flowId}, version ${run.flowVersion}`],
    ["status", `${paintStatus(paint, run.status)} (rev ${run.rev})`],
    ["why", visible(whyOf(run))],
    ["step", visible(run.currentStep ?? "")],
    ["failure", run.failureId],
    ["breakpoint", visible(run.pauseBefore ?? "")],
    ["steps left", run.stepsLeft === undefined ? undefined : String(run.stepsLeft)],
    ["waiting on", run.waitingOn?.stepId],
    ["actions", actionsOf(run).join(", ")],
    ["started by", visible(starterName(run))],
    ["replay of", run.replayOf],
    ["attributes", visible(attributesText(run))],
    ["created", localTime(run.createdAt)],
    ["started", localTime(run.startedAt)],
    ["updated", localTime(run.updatedAt)],
    ["ended", localTime(run.endedAt)],
    ["execution", run.executionArn],
    ["payload", json(run.payload)],
    ["output", json(run.output)],
  ]);

export const auditColumns: Column<AuditItem>[] = [
  { title: "REV", cell: (item) => String(item.rev) },
  { title: "AT", cell: (item) => localTime(item.at) },
  { title: "WHO", cell: ({ actor }) => `${actor.kind} ${actor.id}` },
  { title: "ACTION", cell: (item) => item.action },
  { title: "FROM", cell: (item) => item.from ?? "" },
  { title: "TO", cell: (item) => item.to },
  { title: "REASON", cell: (item) => item.reason ?? "" },
];
