import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Client } from "../../../shared/client/operations.ts";
import type { Json } from "../../../shared/model/json/json.ts";
import { MAX_PRIORITY } from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type ExitCode, usage } from "../../failure.ts";
import { followRun } from "../../follow/run.ts";
import { withReplayOptions } from "../../options/replay.ts";
import { replayText } from "../../show/bulk.ts";
import { parseJson, readJson } from "../../terminal/read-json.ts";
import { type CommandContext, leaf, perform } from "../command.ts";

interface StartOptions {
  readonly payload?: string;
  readonly payloadFile?: string;
  readonly idempotencyKey?: string;
  readonly watch?: boolean;
}
interface DispatchOptions extends StartOptions {
  readonly priority?: number;
}
interface ReplayOptions extends StartOptions {
  readonly from?: string;
  readonly version?: "same" | "latest";
  readonly dryRun?: boolean;
}

const withPayload = (command: Command): Command =>
  command
    .option("--payload <json>", "the payload; @file reads it from a file")
    .addOption(
      new Option("--payload-file <file>", "read the payload from a file; - reads stdin").conflicts("payload"),
    )
    .option(
      "--idempotency-key <key>",
      "a repeated call with this key returns the first result; random by default",
    )
    .option("--watch", "follow the run until it ends");

const priority = (text: string): number => {
  const value = Number(text);
  if (/^\d$/.test(text) && value <= MAX_PRIORITY) return value;
  throw new InvalidArgumentError(`Expected a digit from 0 to ${MAX_PRIORITY}.`);
};

const payloadOf = async ({ payload, payloadFile }: StartOptions): Promise<Json | undefined> => {
  // As in other tools, @ names a file. No JSON begins with it.
  if (payload?.startsWith("@") === true) return readJson(payload.slice(1));
  if (payload !== undefined) return parseJson(payload, "--payload");
  return payloadFile === undefined ? undefined : readJson(payloadFile);
};

export const addRunStarts = (runs: Command): void => {
  withPayload(
    leaf(
      runs,
      "dispatch <flowId>",
      "Dispatch a record: start a run",
      `sluice runs dispatch order-approval --payload '{"orderId": "A-1"}' --watch`,
      "jq -c .order event.json | sluice runs dispatch order-approval --payload-file -",
    ),
  )
    .option("--priority <0-9>", "while it is queued: the highest starts first; 5 by default", priority)
    .action(
      perform<DispatchOptions, [string]>(async (context, options, flowId) => {
        const payload = await payloadOf(options);
        if (payload === undefined) throw usage("No payload given. Add --payload or --payload-file.");
        const body = { payload, priority: options.priority };
        return start(context, options, (api, idempotencyKey) =>
          api.dispatchRun({ flowId, body, idempotencyKey }),
        );
      }),
    );

  leaf(
    runs,
    "watch <runId>",
    "Follow a run's status and steps until it ends; the exit code gives the result",
    "sluice runs watch 0198c1e2-… && echo completed",
  ).action(
    perform<object, [string]>(async ({ api, terminal }, _options, runId) =>
      followRun(api(), terminal, runId),
    ),
  );

  withReplayOptions(
    withPayload(
      leaf(
        runs,
        "replay <runId>",
        "Run a completed, failed or cancelled run again, from its start or from a step",
        "sluice runs replay 0198c1e2-… --from failed-step --watch",
      ),
    ),
  )
    .option("--dry-run", "only show where it would begin, and what it would call again")
    .action(
      perform<ReplayOptions, [string]>(async (context, options, runId) => {
        const body = { from: options.from, version: options.version, payload: await payloadOf(options) };
        if (options.dryRun === true) {
          const preview = await context.api().replayRun({ runId, body: { ...body, dryRun: true } });
          context.terminal.result(preview, () => replayText(preview));
          return 0;
        }
        return start(context, options, (api, idempotencyKey) =>
          api.replayRun({ runId, body, idempotencyKey }),
        );
      }),
    );
};

const queueText = ({ queued, queuedFor }: Run): string => {
  if (!queued) return "";
  return queuedFor === "concurrency" ? ", queued until a slot is free" : ", queued until its flow resumes";
};

/** Starts a run with an idempotency key, so that the call can be repeated if its response was lost. */
const start = async (
  { api, terminal }: CommandContext,
  { idempotencyKey = randomUUID(), watch }: StartOptions,
  call: (api: Client, idempotencyKey: string) => Promise<Run>,
): Promise<ExitCode> => {
  const client = api();
  const run = await call(client, idempotencyKey);
  if (watch === true) return followRun(client, terminal, run.runId);
  terminal.result(run, () => `Run ${run.runId} is ${run.status}${queueText(run)}.`);
  return 0;
};
