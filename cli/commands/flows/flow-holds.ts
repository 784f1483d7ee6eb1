import { type Command, Option } from "commander";
import { LIFTABLE_HOLDS } from "../../../shared/model/holds/kinds.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { EXIT, usage } from "../../failure.ts";
import { followDrain } from "../../follow/drain.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../../options/if-match.ts";
import { positive } from "../../options/paging.ts";
import { canaryOf, type RampOptions, rampOf, withRamp } from "../../options/ramp.ts";
import { pausePreviewText } from "../../show/flow.ts";
import { counted, visible } from "../../terminal/style.ts";
import { futureInstant, localTime } from "../../terminal/times.ts";
import { leaf, perform } from "../command.ts";
import { calling } from "../shared-commands.ts";

interface PauseOptions extends IfMatchOptions {
  readonly mode?: "queue" | "reject" | "finish";
  readonly finishWithin?: string;
  readonly resumeAt?: string;
  readonly for?: string;
  readonly startAt?: string;
  readonly step?: string[];
  readonly reason?: string;
  readonly dryRun?: boolean;
}

interface ResumeOptions extends IfMatchOptions, RampOptions {
  readonly drainRate?: number;
  readonly hold?: string[];
  readonly reason?: string;
  readonly watch?: boolean;
}

const planned = ({ flowId, scheduledPause }: Flow): string | undefined =>
  scheduledPause &&
  `The pause of flow ${flowId} is planned, from ${localTime(scheduledPause.startAt)} until ${localTime(scheduledPause.resumeAt)} at the latest.`;

/** Says what the newest hold keeps, if it is one on steps. */
const heldSteps = ({ flowId, holds, scheduledPause }: Flow): string | undefined => {
  const newest = holds.toSorted((a, b) => (a.since < b.since ? 1 : -1))[0];
  if (newest?.steps === undefined || newest.since < (scheduledPause?.plannedAt ?? "")) return undefined;
  const { steps, resumeAt, unheld } = newest;
  const open = unheld === undefined ? "" : ` No gate holds ${unheld.map(visible).join(", ")}.`;
  return `Flow ${flowId} holds its runs at ${steps.map(visible).join(", ")}, until ${localTime(resumeAt)} at the latest.${open}`;
};

const paused = ({ flowId, status, resumeAt }: Flow): string =>
  `Flow ${flowId} is ${status}, until ${localTime(resumeAt)} at the latest.`;

export const addFlowHolds = (flows: Command): void => {
  const modes = ["queue", "reject", "finish"];
  calling(
    withIfMatch(
      leaf(
        flows,
        "pause <flowId>",
        "Pause a flow: its runs stop at their next step, and new records are queued or rejected",
        "sluice flows pause order-approval --for P3D --reason 'price list under repair'",
        "sluice flows pause order-approval --step Charge --step Refund --reason 'the bank is down'",
        "sluice flows pause order-approval --for P3D --dry-run",
        "sluice flows pause order-approval --finish-within PT2H",
        "sluice flows pause order-approval --start-at 2026-12-01T22:00:00Z --for PT2H",
      ),
    )
      .addOption(
        new Option(
          "--mode <mode>",
          "queue or reject new records; queue by default. finish queues them and lets runs that have begun end",
        ).choices(modes),
      )
      .option(
        "--resume-at <time>",
        "when the flow resumes by itself, in ISO 8601; at the latest, and by default, in 14 days",
      )
      .addOption(
        new Option(
          "--for <duration>",
          "resume after this duration, such as P3D or PT90M; it counts from the start",
        ).conflicts("resumeAt"),
      )
      .option(
        "--start-at <time>",
        "plan the pause instead, at most 90 days ahead; it replaces a pause that was planned before",
      )
      .option(
        "--finish-within <duration>",
        "with --mode finish, or without a mode: how long runs may go on, such as PT2H",
      )
      .option("--step <name...>", "hold only these states; everything else goes on, and new records start")
      .option("--reason <text>", "reason, recorded in the audit trail")
      .option("--dry-run", "pause nothing; show what the pause would hold"),
    async (api, [flowId], options: PauseOptions) => {
      const { finishWithin, reason, step: steps, for: duration, resumeAt: time, dryRun } = options;
      const mode = options.mode ?? (finishWithin === undefined ? undefined : "finish");
      if (duration !== undefined && !duration.startsWith("P"))
        throw usage("--for must be a duration, such as P3D or PT90M.");
      const startAt = options.startAt === undefined ? undefined : futureInstant(options.startAt, Date.now());
      const end = duration ?? time;
      const start = startAt === undefined ? Date.now() : Date.parse(startAt);
      const resumeAt = end === undefined ? undefined : futureInstant(end, start);
      const ifMatch = condition(options);
      const body = { mode, finishWithin, steps, startAt, resumeAt, reason };
      return dryRun === true
        ? api().pauseFlow({ flowId, body: { ...body, dryRun }, ifMatch })
        : api().pauseFlow({ flowId, body, ifMatch });
    },
    (answer) =>
      "underWay" in answer
        ? pausePreviewText(answer)
        : (heldSteps(answer) ?? planned(answer) ?? paused(answer)),
  );

  withIfMatch(
    leaf(
      flows,
      "cancel-pause <flowId>",
      "Cancel a flow's planned pause",
      "sluice flows cancel-pause order-approval",
    ),
  ).action(
    perform<IfMatchOptions, [string]>(async ({ api, terminal }, options, flowId) => {
      await api().cancelScheduledPause({ flowId, ifMatch: condition(options) });
      terminal.result({ flowId, cancelled: true }, () => `The planned pause of flow ${flowId} is cancelled.`);
    }),
  );

  withRamp(
    withIfMatch(
      leaf(
        flows,
        "resume <flowId>",
        "Lift a flow's holds: paused runs continue, and queued records start, oldest first",
        "sluice flows resume order-approval --drain-rate 10 --watch",
        "sluice flows resume order-approval --canary 3 --ramp 1 --stop-on 5 --watch",
      ),
    ),
  )
    .option("--drain-rate <n>", "number of queued records to start per second", positive)
    .option("--hold <kind...>", `kinds or ids of the holds to lift; by default ${LIFTABLE_HOLDS.join(", ")}`)
    .option("--reason <text>", "reason, recorded in the audit trail")
    .option("--watch", "wait until the canary is over, all queued records have started, and the ramp is over")
    .action(
      perform<ResumeOptions, [string]>(async ({ api, terminal }, options, flowId) => {
        const { drainRate, hold, reason, watch } = options;
        const ramp = rampOf(options);
        const client = api();
        const flow = await client.resumeFlow({
          flowId,
          body: { drainRate, holds: hold, ramp, reason, ...canaryOf(options) },
          ifMatch: condition(options),
        });
        if (watch === true) return followDrain(client, terminal, flowId);
        terminal.result(flow, () =>
          flow.canary?.state === "running"
            ? `Flow ${flowId} stays ${flow.status} while ${counted(flow.canary.count, "run")} ${flow.canary.count === 1 ? "goes" : "go"} first, until ${localTime(flow.canary.until)} at the latest.`
            : flow.status === "active"
              ? `Flow ${flowId} is active${flow.ramp === undefined ? "" : `, at ${flow.ramp.rate} a second at first`}${flow.queued > 0 ? `. Starting ${counted(flow.queued, "queued record")}` : ""}.`
              : `Flow ${flowId} is still ${flow.status}. Remaining holds: ${flow.holds.map(({ kind }) => kind).join(", ")}.`,
        );
        return EXIT.ok;
      }),
    );
};
