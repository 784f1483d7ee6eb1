import type { AuditItem, Run, Step } from "../../shared/model/schemas/run.ts";
import { isTerminal, type RunStatus } from "../../shared/model/transitions.ts";
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

/** Why a run stands where it stands, in one line. */
export const whyOf = (run: Run): string => {
  const { error, pausedBy, waitingOn, cancelReason, currentStep } = run;
  const at = currentStep === undefined ? "" : ` at ${currentStep}`;
  const after = currentStep === undefined ? "" : ` after ${currentStep}`;
  if (run.status === "failed" && error !== undefined) {
    const cause = messageIn(error.cause);
    return `${error.error} in ${error.state}${cause === "" ? "" : `: ${cause}`}`;
  }
  if (run.status === "cancelled") return cancelReason ?? "";
  if (run.status === "paused" && pausedBy !== undefined) {
    const who = pausedBy.kind === "flow" ? "held by its flow" : `paused by ${pausedBy.id ?? "a user"}`;
    const where = run.parkedAt === undefined && !run.queued ? `${at}, which is finishing` : after;
    return `${who}${currentStep === undefined ? "" : where}${pausedBy.reason === undefined ? "" : `: ${pausedBy.reason}`}`;
  }
  if (waitingOn !== undefined) {
    const until = waitingOn.until === undefined ? "" : ` until ${localTime(waitingOn.until)}`;
    return `waits for ${waitingOn.kind === "delay" ? "a delay" : `its ${waitingOn.kind}`}${at}${until}`;
  }
  if (run.queued) return "queued behind its flow's hold";
  return isTerminal(run.status) ? "" : at.trim();
};

/** Lambda's causes are JSON, which lists may cut short: of those the message alone. */
const messageIn = (cause: string): string => {
  const quoted = /"errorMessage":("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  try {
    return quoted === undefined ? cause : String(JSON.parse(quoted));
  } catch {
    return cause;
  }
};

/** What may be done with it: the table's actions, and what runs that are over or stand still allow besides. */
const mayOf = (run: Run): string[] => [
  ...run.allowedActions,
  ...(isTerminal(run.status) ? ["replay"] : []),
  ...(isTerminal(run.status) || run.status === "paused" || run.queued ? ["delete"] : []),
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
  { title: "STARTED BY", cell: (run) => run.startedBy },
];
export const mayColumn: Column<Run> = { title: "MAY", cell: (run) => mayOf(run).join(" ") };
export const whyColumn: Column<Run> = { title: "WHY", cell: whyOf };

const json = (value: unknown): string | undefined => (value === undefined ? undefined : jsonText(value, 2));

/** All of one run. */
export const runText = (run: Run, paint: Paint): string =>
  fields([
    ["run", run.runId],
    ["flow", `${run.flowId}, version ${run.flowVersion}`],
    ["status", `${paintStatus(paint, run.status)} (rev ${run.rev})`],
    ["why", visible(whyOf(run))],
    ["step", visible(run.currentStep ?? "")],
    ["waits on step", run.waitingOn?.stepId],
    ["may", mayOf(run).join(", ")],
    ["started by", visible(run.startedBy)],
    ["replay of", run.replayOf],
    ["created", localTime(run.createdAt)],
    ["started", localTime(run.startedAt)],
    ["updated", localTime(run.updatedAt)],
    ["ended", localTime(run.endedAt)],
    ["execution", run.executionArn],
    ["payload", json(run.payload)],
    ["output", json(run.output)],
  ]);

export const stepColumns: Column<Step>[] = [
  { title: "#", cell: (step) => String(step.seq) },
  { title: "STEP", cell: (step) => step.name },
  { title: "BRANCH", cell: (step) => step.branch ?? "" },
  { title: "TYPE", cell: (step) => step.type },
  { title: "STATUS", cell: (step) => step.status },
  { title: "STARTED", cell: (step) => localTime(step.startedAt) },
  { title: "ENDED", cell: (step) => localTime(step.endedAt) },
  { title: "ID", cell: (step) => step.stepId },
  { title: "ERROR", cell: ({ error }) => (error === undefined ? "" : `${error.error}: ${error.cause}`) },
];

export const auditColumns: Column<AuditItem>[] = [
  { title: "REV", cell: (item) => String(item.rev) },
  { title: "AT", cell: (item) => localTime(item.at) },
  { title: "WHO", cell: ({ actor }) => `${actor.kind} ${actor.id}` },
  { title: "ACTION", cell: (item) => item.action },
  { title: "FROM", cell: (item) => item.from ?? "" },
  { title: "TO", cell: (item) => item.to },
  { title: "REASON", cell: (item) => item.reason ?? "" },
];
