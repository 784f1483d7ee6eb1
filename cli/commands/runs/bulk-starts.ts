import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import { EXIT, type ExitCode, usage } from "../../failure.ts";
import { followBulk } from "../../follow/bulk.ts";
import { type FilterOptions, filterOf, listOf, withFilters } from "../../options/filters.ts";
import { positive } from "../../options/paging.ts";
import { withReplayOptions } from "../../options/replay.ts";
import { type VersionChoice, versionOption } from "../../options/version.ts";
import { matchedRuns, previewText } from "../../show/bulk.ts";
import { readText } from "../../terminal/read-json.ts";
import { type CommandContext, leaf, perform } from "../command.ts";

interface BulkOptions extends FilterOptions {
  readonly ids?: string;
  readonly idsFile?: string;
  readonly rate?: number;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly idempotencyKey?: string;
  readonly at?: string;
  readonly version?: VersionChoice;
  readonly giveUp?: boolean;
  readonly from?: string;
}

const DESCRIPTIONS: Readonly<Record<BulkAction, [description: string, example: string]>> = {
  pause: ["Pause many runs", "sluice bulk pause --flow order-approval --status pending,running"],
  resume: [
    "Resume many runs, also on another version of their flow",
    "sluice bulk resume --flow order-approval --status paused --version latest",
  ],
  cancel: [
    "Cancel many runs permanently",
    "sluice bulk cancel --ids-file runs.txt --reason 'wrong price list'",
  ],
  delete: [
    "Delete many runs permanently",
    "sluice bulk delete --status failed --created-before P30D --rate 50",
  ],
  replay: [
    "Replay many runs that have ended",
    "sluice bulk replay --status failed --error CarrierDown --from failed-step --version latest",
  ],
};

export const addBulkStarts = (bulk: Command): void => {
  for (const [action, [description, example]] of Object.entries(DESCRIPTIONS)) {
    withActionOptions(action as BulkAction, withFilters(leaf(bulk, action, description, example)))
      .addOption(new Option("--ids <list>", "these runs, separated by commas, instead of a filter"))
      .addOption(
        new Option("--ids-file <file>", "the runs in this file, one id per line; - reads stdin").conflicts(
          "ids",
        ),
      )
      .option("--rate <n>", "maximum number of runs per second", positive)
      .option("--reason <text>", "reason, recorded in the audit trail")
      .option("--dry-run", "only count the matching runs")
      .option("--yes", "skip the confirmation")
      .option("--no-wait", "return once the operation has started")
      .option(
        "--idempotency-key <key>",
        "a repeated call with this key returns the first result; random by default",
      )
      .action(
        perform<BulkOptions, []>((context, options) => startBulk(context, action as BulkAction, options)),
      );
  }
};

/** Adds the options of the command for a single run that make sense for many. */
const withActionOptions = (action: BulkAction, command: Command): Command => {
  if (action === "replay") return withReplayOptions(command);
  if (action !== "resume") return command;
  return command
    .option("--at <state>", "as an administrator, continue at this top-level state")
    .addOption(versionOption())
    .option("--give-up", "do not retry the steps: runs that an error paused fail with that error");
};

/** Counts, asks, starts and follows. With the key, a start whose answer was lost can be sent again. */
const startBulk = async (
  { api, terminal }: CommandContext,
  action: BulkAction,
  options: BulkOptions,
): Promise<ExitCode> => {
  const { rate, reason, dryRun, yes, wait, idempotencyKey = randomUUID() } = options;
  const { at, version, giveUp, from } = options;
  const client = api();
  const body = { action, ...(await selectionOf(options)), rate, reason, at, version, giveUp, from };
  if (dryRun === true || yes !== true) {
    const preview = await client.startBulkOperation({ body: { ...body, dryRun: true } });
    const runs = matchedRuns(preview);
    if (dryRun === true || preview.matched === 0) {
      terminal.result(preview, () => previewText(preview));
      return EXIT.ok;
    }
    const isPermanent = action === "delete" || action === "cancel";
    if (preview.places !== undefined) terminal.say(previewText(preview));
    const question = `${capitalised(action)} ${runs}?${isPermanent ? " This cannot be undone." : ""}`;
    await terminal.confirm(question, false);
  }
  const started = await client.startBulkOperation({ body, idempotencyKey });
  if (wait) return followBulk(client, terminal, started);
  terminal.result(
    started,
    () =>
      `Started bulk operation ${started.bulkId}. To follow it: sluice bulk status ${started.bulkId} --watch`,
  );
  return EXIT.ok;
};

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const selectionOf = async (options: BulkOptions) => {
  const filter = filterOf(options, Date.now());
  const hasFilter = Object.keys(filter).length > 0;
  const hasIds = options.ids !== undefined || options.idsFile !== undefined;
  if (hasFilter === hasIds)
    throw usage("Select runs either with at least one filter, or with --ids or --ids-file.");
  if (options.ids !== undefined) return { runIds: listOf(options.ids, "--ids") };
  if (options.idsFile === undefined) return { filter };
  const runIds = (await readText(options.idsFile)).split(/\s+/).filter((line) => line !== "");
  if (runIds.length === 0) throw usage(`${options.idsFile} contains no run ids.`);
  return { runIds };
};
