import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import type { Run } from "../../shared/model/schemas/run.ts";
import type { ExitCode } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { followRun } from "../follow/run.ts";
import type { Api } from "../http/api.ts";
import { path } from "../http/path.ts";
import { parseJson, readJson } from "../terminal/read-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";

interface PayloadOptions {
  readonly payload?: string;
  readonly payloadFile?: string;
}
interface StartOptions extends PayloadOptions {
  readonly idempotencyKey?: string;
  readonly watch?: boolean;
}
interface ReplayOptions extends StartOptions {
  readonly from?: string;
  readonly version?: "same" | "latest";
}

const withPayload = (command: Command): Command =>
  command
    .option("--payload <json>", "the payload")
    .addOption(
      new Option("--payload-file <file>", "the payload from a file; - is stdin").conflicts("payload"),
    )
    .option("--idempotency-key <key>", "the same key again answers as the first time; by default a new one")
    .option("--watch", "follow the run until it is over");

const payloadOf = async ({ payload, payloadFile }: PayloadOptions): Promise<unknown> => {
  if (payload !== undefined) return parseJson(payload, "--payload");
  return payloadFile === undefined ? undefined : readJson(payloadFile);
};

export const addRunStarts = (runs: Command, outcome: Outcome): void => {
  withPayload(
    leaf(
      runs,
      "dispatch <flowId>",
      "Dispatch a record: start a run",
      `sluice runs dispatch order-approval --payload '{"orderId": "A-1"}' --watch`,
      "jq -c .order event.json | sluice runs dispatch order-approval --payload-file -",
    ),
  ).action(
    perform<StartOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
      const payload = await payloadOf(options);
      if (payload === undefined) throw usage("No payload: give --payload, or --payload-file (- is stdin).");
      return start(api(), terminal, path`/flows/${flowId}/runs`, { payload }, options);
    }),
  );

  leaf(
    runs,
    "watch <runId>",
    "Follow a run's status and steps until it is over; the exit code tells how it ended",
    "sluice runs watch 0198c1e2-… && echo completed",
  ).action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, runId) =>
      followRun(api(), terminal, path`/runs/${runId}`),
    ),
  );

  withPayload(
    leaf(
      runs,
      "replay <runId>",
      "Run one that is over again, from its start or from a step",
      "sluice runs replay 0198c1e2-… --from failed-step --watch",
    ),
  )
    .option("--from <where>", "start (default), failed-step or the name of a state")
    .addOption(
      new Option("--version <which>", "of the flow; latest by default, same from a step").choices([
        "same",
        "latest",
      ]),
    )
    .action(
      perform<ReplayOptions, [string]>(outcome, async ({ api, terminal }, options, runId) => {
        const body = { from: options.from, version: options.version, payload: await payloadOf(options) };
        return start(api(), terminal, path`/runs/${runId}/replay`, body, options);
      }),
    );
};

/** The key makes it safe to send again where the answer was lost. */
const start = async (
  api: Api,
  terminal: Terminal,
  target: string,
  body: unknown,
  { idempotencyKey = randomUUID(), watch }: StartOptions,
): Promise<ExitCode> => {
  const run = await api.call<Run>({ method: "POST", path: target, body, idempotencyKey });
  if (watch === true) return followRun(api, terminal, path`/runs/${run.runId}`);
  terminal.result(
    run,
    () => `${run.runId} is ${run.status}${run.queued ? ", queued behind its flow's hold" : ""}.`,
  );
  return 0;
};
