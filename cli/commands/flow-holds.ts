import { type Command, InvalidArgumentError, Option } from "commander";
import type { HoldKind } from "../../shared/model/holds.ts";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { usage } from "../failure.ts";
import { followDrain } from "../follow/drain.ts";
import { path } from "../http/path.ts";
import { futureInstant, localTime } from "../terminal/times.ts";
import { type IfMatchOptions, withIfMatch } from "./if-match.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";

interface PauseOptions extends IfMatchOptions {
  readonly mode?: "queue" | "reject";
  readonly resumeAt?: string;
  readonly for?: string;
  readonly reason?: string;
}

interface ResumeOptions extends IfMatchOptions {
  readonly drainRate?: number;
  readonly hold?: readonly HoldKind[];
  readonly reason?: string;
  readonly watch?: boolean;
}

const rate = (text: string): number => {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0)
    throw new InvalidArgumentError("It must be a number above 0.");
  return value;
};

export const addFlowHolds = (flows: Command, outcome: Outcome): void => {
  withIfMatch(
    leaf(
      flows,
      "pause <flowId>",
      "Pause a flow: its runs stand at their next step, new records queue or are rejected",
      "sluice flows pause order-approval --for P3D --reason 'price list under repair'",
    ),
  )
    .addOption(new Option("--mode <mode>", "what happens to new records").choices(["queue", "reject"]))
    .option(
      "--resume-at <time>",
      "when it resumes by itself, ISO 8601; at the latest, and by default, in 14 days",
    )
    .addOption(
      new Option("--for <duration>", "the same as a duration from now on, such as P3D or PT90M").conflicts(
        "resumeAt",
      ),
    )
    .option("--reason <text>", "why; kept in the audit")
    .action(
      perform<PauseOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
        const { mode, reason, ifMatch } = options;
        if (options.for !== undefined && !options.for.startsWith("P"))
          throw usage("--for is a duration, such as P3D or PT90M.");
        const end = options.for ?? options.resumeAt;
        const resumeAt = end === undefined ? undefined : futureInstant(end, Date.now());
        const body = { mode, resumeAt, reason };
        const flow = await api().call<Flow>({
          method: "POST",
          path: path`/flows/${flowId}/pause`,
          body,
          ifMatch,
        });
        terminal.result(
          flow,
          () => `${flow.flowId} is ${flow.status}, until ${localTime(flow.resumeAt)} at the latest.`,
        );
      }),
    );

  withIfMatch(
    leaf(
      flows,
      "resume <flowId>",
      "Lift a flow's holds: what stands goes on, what has queued starts, oldest first",
      "sluice flows resume order-approval --drain-rate 10 --watch",
    ),
  )
    .option("--drain-rate <n>", "queued records to start a second", rate)
    .addOption(
      new Option("--hold <kind...>", "which holds to lift; both by default").choices([
        "manual",
        "throughput",
      ]),
    )
    .option("--reason <text>", "why; kept in the audit")
    .option("--watch", "follow the queue until it is empty")
    .action(
      perform<ResumeOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
        const { drainRate, hold, reason, watch, ifMatch } = options;
        const service = api();
        const body = { drainRate, holds: hold, reason };
        const target = path`/flows/${flowId}`;
        const flow = await service.call<Flow>({ method: "POST", path: `${target}/resume`, body, ifMatch });
        if (watch === true) return followDrain(service, terminal, target);
        terminal.result(flow, () =>
          flow.status === "active"
            ? `${flow.flowId} is active${flow.queued > 0 ? `; ${flow.queued} queued records start` : ""}.`
            : `${flow.flowId} is still ${flow.status}, held by: ${flow.holds.map(({ kind }) => kind).join(", ")}.`,
        );
        return 0;
      }),
    );
};
