import type { PausePreview } from "../../shared/model/api/responses.ts";
import type { FlowStatus } from "../../shared/model/holds/kinds.ts";
import type { Caps, Flow, FlowHealth, FlowVersion } from "../../shared/model/schemas/flow.ts";
import type { FlowSlots, KeySlots } from "../../shared/model/schemas/slots.ts";
import { counted, type Paint, visible } from "../terminal/style.ts";
import { type Column, fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

const COLOURS: Readonly<Record<FlowStatus, Parameters<Paint>[0]>> = {
  active: "green",
  paused: "yellow",
  paused_safety: "red",
};

const versionOf = ({ version }: Flow): string => (version === 0 ? "draft" : String(version));
const drainOf = ({ draining }: Flow): string => (draining === null ? "" : `${draining.remaining} left`);

export const flowColumns = (paint: Paint): Column<Flow>[] => [
  { title: "FLOW", cell: (flow) => flow.flowId },
  {
    title: "STATUS",
    cell: (flow) => flow.status,
    paint: (text, flow) => paint(COLOURS[flow.status], text),
  },
  { title: "KIND", cell: (flow) => flow.kind },
  { title: "VERSION", cell: versionOf },
  { title: "RUN AS", cell: (flow) => flow.runAs },
  { title: "QUEUED", cell: (flow) => String(flow.queued) },
  { title: "IN FLIGHT", cell: (flow) => String(flow.inFlight) },
  { title: "DRAIN", cell: drainOf },
  { title: "RESUMES", cell: (flow) => localTime(flow.resumeAt) },
  { title: "NAME", cell: (flow) => flow.name },
];

const errorCapText = ({ count, percent, per }: NonNullable<Caps["errors"]>): string =>
  `${counted(count, "failure")} per ${per}${percent === undefined ? "" : ` and ${percent} % of the runs that ended`}`;

const concurrencyText = ({ limit, key }: NonNullable<Caps["concurrency"]>, { slots }: Flow): string => {
  const free = slots === undefined ? "" : ` (${slotsText(slots)})`;
  return `${counted(limit, "run")} at once${key === undefined ? "" : ` per ${key}`}${free}`;
};

/** Returns, for example, "5 under way, 1 of them paused, 295 waiting". */
export const slotsText = ({
  used,
  paused,
  waiting,
  atLeast,
}: KeySlots & Pick<FlowSlots, "atLeast">): string =>
  [
    `${atLeast === true ? "at least " : ""}${used} under way`,
    paused > 0 && `${paused} of them paused`,
    `${waiting} waiting`,
  ]
    .filter(Boolean)
    .join(", ");

const capsText = ({ throughput, spend, errors, concurrency }: Caps, flow: Flow): string =>
  [
    throughput &&
      `${throughput.limit} runs per ${throughput.per} (${flow.meters.throughput?.used ?? 0} used)`,
    spend && `cost of ${spend.limit} per ${spend.period} (${flow.meters.spend?.used ?? 0} used)`,
    errors && `${errorCapText(errors)} (${flow.meters.errors?.used ?? 0} so far)`,
    concurrency && concurrencyText(concurrency, flow),
  ]
    .filter(Boolean)
    .join(", ");

/** The progress of a flow's canary, or its end. */
const canaryOf = ({ canary }: Flow): string | undefined => {
  if (canary === undefined) return undefined;
  const { state, runs, through, until, reason } = canary;
  if (state === "failed") return `failed: ${visible(reason ?? "")}`;
  const done = `${through} of ${counted(runs.length, "run")} through`;
  return state === "passed"
    ? "passed"
    : `${done}, until ${localTime(until)} at the latest: ${runs.join(", ")}`;
};

/** The rate of a flow's ramp, and what stops it. */
const rampOf = ({ ramp }: Flow): string | undefined => {
  if (ramp === undefined) return undefined;
  const { rate, to, endsAt, stopOn, failures = 0 } = ramp;
  const share = stopOn?.percent === undefined ? "" : ` and ${stopOn.percent} % of the runs that ended`;
  const stop =
    stopOn === undefined
      ? ""
      : `; stops at ${counted(stopOn.failures, "failure")}${share} (${failures} so far)`;
  return `${rate} a second, ${to} from ${localTime(endsAt)}; new records queue until then${stop}`;
};

const planText = (plan: NonNullable<Flow["scheduledPause"]>): string => {
  const { startAt, resumeAt, mode, finishWithin, steps, by, reason } = plan;
  return [
    `from ${localTime(startAt)} until ${localTime(resumeAt)} at the latest`,
    `by ${visible(by)}`,
    mode === "reject" ? "rejecting new records" : "",
    mode === "finish" ? `runs may finish${finishWithin === undefined ? "" : ` within ${finishWithin}`}` : "",
    steps === undefined ? "" : `only ${steps.map(visible).join(", ")}`,
    visible(reason ?? ""),
  ]
    .filter((part) => part !== "")
    .join(", ");
};

const holdText = ({
  holdId,
  since,
  by,
  reason,
  resumeAt,
  finishUntil,
  steps,
  unheld,
}: Flow["holds"][number]): string =>
  [
    holdId,
    steps === undefined ? "" : `at ${steps.map(visible).join(", ")}`,
    unheld === undefined ? "" : `no gate holds ${unheld.map(visible).join(", ")}`,
    `since ${localTime(since)} by ${visible(by)}`,
    resumeAt === undefined ? "" : `until ${localTime(resumeAt)} at the latest`,
    finishUntil === undefined ? "" : `runs may finish until ${localTime(finishUntil)}`,
    visible(reason ?? ""),
  ]
    .filter((part) => part !== "")
    .join(", ");

/** Every field of a flow. */
export const flowText = (flow: Flow, paint: Paint): string =>
  fields([
    ["flow", flow.flowId],
    ["name", visible(flow.name)],
    ["description", visible(flow.description)],
    ["status", `${paint(COLOURS[flow.status], flow.status)} (rev ${flow.rev})`],
    ...flow.holds.map((hold): [string, string] => [`${hold.kind} hold`, holdText(hold)]),
    ["planned pause", flow.scheduledPause && planText(flow.scheduledPause)],
    ["state machine", flow.stateMachineArn],
    ["when unreachable", flow.whenUnreachable],
    [
      "drift",
      flow.drift
        ? "the state machine's definition was replaced: adopt it again, or release the flow"
        : undefined,
    ],
    ["version", versionOf(flow)],
    ["runs as", flow.runAs],
    [
      "on failure",
      flow.onFailure === "pause" ? "a run pauses, and its step can be tried again" : "a run fails",
    ],
    ["new records", flow.status === "active" ? "start" : flow.mode === "reject" ? "are rejected" : "queue"],
    ["queued", String(flow.queued)],
    ["in flight", String(flow.inFlight)],
    ["draining", drainOf(flow)],
    ["canary", canaryOf(flow)],
    ["ramp", rampOf(flow)],
    ["caps", capsText(flow.caps, flow)],
    ["created", localTime(flow.createdAt)],
    ["updated", localTime(flow.updatedAt)],
  ]);

/** Every figure of a flow's health. */
export const healthText = (health: FlowHealth): string =>
  fields([
    ["paused since", localTime(health.oldestParkedAt ?? undefined) || "no run is"],
    ["queued since", localTime(health.oldestQueuedAt ?? undefined) || "no record is"],
    ["queue grows by", `${health.queueGrowthPerMinute} a minute`],
    [
      "drain",
      health.drain ? `${health.drain.rate} a second, until ${localTime(health.drain.endsAt)}` : undefined,
    ],
    ["failed runs", `${health.failureRate.minute} in a minute, ${health.failureRate.hour} in an hour`],
    ["overdue runs", String(health.overdue)],
  ]);

/** Returns the answer of a pause that is only previewed: what it would hold. */
export const pausePreviewText = (preview: PausePreview): string =>
  fields([
    ["runs under way", `${preview.underWay}${preview.more ? " or more" : ""}`],
    ...preview.inStep.map(({ state, runs }): [string, string] => [`in ${visible(state)}`, String(runs)]),
    ["waiting", String(preview.waiting)],
    ["deadlines missed", String(preview.deadlinesMissed)],
    ["queued by then", `about ${preview.queuedByResume}`],
    ["not held", preview.unheld.map(visible).join(", ")],
  ]);

export const versionColumns: Column<FlowVersion>[] = [
  { title: "VERSION", cell: ({ version }) => String(version) },
  { title: "ACTIVE", cell: ({ active }) => (active ? "yes" : "") },
  { title: "PUBLISHED", cell: ({ createdAt }) => localTime(createdAt) },
  { title: "BY", cell: ({ createdBy }) => createdBy },
  { title: "WARNINGS", cell: ({ warnings }) => (warnings.length === 0 ? "" : String(warnings.length)) },
];
