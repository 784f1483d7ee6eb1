import { type Command, InvalidArgumentError, Option } from "commander";
import { usage } from "../failure.ts";
import { followDrain } from "../follow/drain.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../options/if-match.ts";
import { counted } from "../terminal/style.ts";
import { futureInstant, localTime } from "../terminal/times.ts";
import { leaf, type Outcome, perform } from "./command.ts";

const LIFTABLE_HOLDS = ["manual", "throughput"] as const;

interface PauseOptions extends IfMatchOptions {
  readonly mode?: "queue" | "reject";
  readonly resumeAt?: string;
  readonly for?: string;
  readonly reason?: string;
}

interface ResumeOptions extends IfMatchOptions {
  readonly drainRate?: number;
  readonly hold?: (typeof LIFTABLE_HOLDS)[number][];
  readonly reason?: string;
  readonly watch?: boolean;
}

const rate = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("Expected a whole number from 1 on.");
  return value;
};

export const addFlowHolds = (flows: Command, outcome: Outcome): void => {
  withIfMatch(
    leaf(
      flows,
      "pause <flowId>",
      "Pause a flow: its runs stop at their next step, and new records are queued or rejected",
      "sluice flows pause order-approval --for P3D --reason 'price list under repair'",
    ),
  )
    .addOption(
      new Option("--mode <mode>", "queue or reject new records; queue by default").choices([
        "queue",
        "reject",
      ]),
    )
    .option(
      "--resume-at <time>",
      "when the flow resumes by itself, in ISO 8601; at the latest, and by default, in 14 days",
    )
    .addOption(
      new Option("--for <duration>", "resume after this duration, such as P3D or PT90M").conflicts(
        "resumeAt",
      ),
    )
    .option("--reason <text>", "reason, recorded in the audit trail")
    .action(
      perform<PauseOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
        const { mode, reason } = options;
        const ifMatch = condition(options);
        if (options.for !== undefined && !options.for.startsWith("P"))
          throw usage("--for must be a duration, such as P3D or PT90M.");
        const end = options.for ?? options.resumeAt;
        const resumeAt = end === undefined ? undefined : futureInstant(end, Date.now());
        const flow = await api().pauseFlow({ flowId, body: { mode, resumeAt, reason }, ifMatch });
        terminal.result(
          flow,
          () => `Flow ${flow.flowId} is ${flow.status}, until ${localTime(flow.resumeAt)} at the latest.`,
        );
        return 0;
      }),
    );

  withIfMatch(
    leaf(
      flows,
      "resume <flowId>",
      "Lift a flow's holds: paused runs continue, and queued records start, oldest first",
      "sluice flows resume order-approval --drain-rate 10 --watch",
    ),
  )
    .option("--drain-rate <n>", "number of queued records to start per second", rate)
    .addOption(new Option("--hold <kind...>", "which holds to lift; both by default").choices(LIFTABLE_HOLDS))
    .option("--reason <text>", "reason, recorded in the audit trail")
    .option("--watch", "wait until all queued records have started")
    .action(
      perform<ResumeOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
        const { drainRate, hold, reason, watch } = options;
        const client = api();
        const flow = await client.resumeFlow({
          flowId,
          body: { drainRate, holds: hold, reason },
          ifMatch: condition(options),
        });
        if (watch === true) return followDrain(client, terminal, flowId);
        terminal.result(flow, () =>
          flow.status === "active"
            ? `Flow ${flowId} is active${flow.queued > 0 ? `. Starting ${counted(flow.queued, "queued record")}` : ""}.`
            : `Flow ${flowId} is still ${flow.status}. Remaining holds: ${flow.holds.map(({ kind }) => kind).join(", ")}.`,
        );
        return 0;
      }),
    );
};
