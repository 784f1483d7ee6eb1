import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import type { BulkAction } from "../../shared/model/bulk.ts";
import type { Bulk } from "../../shared/model/schemas/bulk.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import { followBulk } from "../follow/bulk.ts";
import { readText } from "../terminal/read-json.ts";
import { type FilterOptions, filterOf, listOf, withFilters } from "./filters.ts";
import { leaf, type Outcome, perform, type Tools } from "./leaf.ts";
import { positive } from "./paging.ts";

interface BulkOptions extends FilterOptions {
  readonly ids?: string;
  readonly idsFile?: string;
  readonly rate?: number;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly idempotencyKey?: string;
}

interface Preview {
  readonly matched: number;
  /** There are more than could be counted in one request. */
  readonly more?: true;
}

const DESCRIPTIONS: Readonly<Record<BulkAction, [description: string, example: string]>> = {
  pause: ["Pause many runs", "sluice bulk pause --flow order-approval --status pending,running"],
  resume: ["Resume many runs", "sluice bulk resume --flow order-approval --status paused --paused-by ada"],
  cancel: [
    "Cancel many runs, for good",
    "sluice bulk cancel --ids-file runs.txt --reason 'wrong price list'",
  ],
  delete: [
    "Delete many runs, for good",
    "sluice bulk delete --status failed --created-before P30D --rate 50",
  ],
  replay: [
    "Run many that are over again",
    "sluice bulk replay --status failed --error CarrierDown --yes --json",
  ],
};

export const addBulkStarts = (bulk: Command, outcome: Outcome): void => {
  for (const [action, [description, example]] of Object.entries(DESCRIPTIONS)) {
    withFilters(leaf(bulk, action, description, example))
      .addOption(new Option("--ids <list>", "these runs, separated by commas, instead of a filter"))
      .addOption(new Option("--ids-file <file>", "the same, an id a line; - is stdin").conflicts("ids"))
      .option("--rate <n>", "runs a second, at most", positive)
      .option("--reason <text>", "why; kept in the audit")
      .option("--dry-run", "only count the runs that match")
      .option("--yes", "do not ask")
      .option("--no-wait", "do not follow it to its end")
      .option("--idempotency-key <key>", "the same key again answers as the first time; by default a new one")
      .action(
        perform<BulkOptions, []>(outcome, (tools, options) =>
          startBulk(tools, action as BulkAction, options),
        ),
      );
  }
};

/** Counts, asks, begins and follows. The key makes the begin safe to send again where its answer was lost. */
const startBulk = async (
  { api, terminal }: Tools,
  action: BulkAction,
  options: BulkOptions,
): Promise<ExitCode> => {
  const { rate, reason, dryRun, yes, wait, idempotencyKey = randomUUID() } = options;
  const service = api();
  const begin = { action, ...(await selectionOf(options)), rate, reason };
  const start = { method: "POST", path: "/bulk-operations" } as const;
  if (dryRun === true || yes !== true) {
    const preview = await service.call<Preview>({
      ...start,
      body: { ...begin, dryRun: true },
      idempotent: true,
    });
    const count = `${preview.more === true ? "more than " : ""}${preview.matched}`;
    if (dryRun === true || preview.matched === 0) {
      terminal.result(preview, () => `${count} runs match.`);
      return EXIT.ok;
    }
    const isForGood = action === "delete" || action === "cancel";
    const question = `${capitalised(action)} ${count} runs${isForGood ? ", for good" : ""}?`;
    await terminal.confirm(question, false);
  }
  const begun = await service.call<Bulk>({ ...start, body: begin, idempotencyKey });
  if (wait) return followBulk(service, terminal, begun);
  terminal.result(
    begun,
    () => `${begun.bulkId} has begun. Follow it: sluice bulk status ${begun.bulkId} --watch`,
  );
  return EXIT.ok;
};

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const selectionOf = async (options: BulkOptions): Promise<{ runIds: string[] } | { filter: object }> => {
  const filter = filterOf(options, Date.now());
  const hasFilter = Object.keys(filter).length > 0;
  const hasIds = options.ids !== undefined || options.idsFile !== undefined;
  if (hasFilter === hasIds)
    throw usage("Say which runs: by at least one filter, or by --ids or --ids-file, and not by both.");
  if (options.ids !== undefined) return { runIds: listOf(options.ids, "--ids") };
  if (options.idsFile === undefined) return { filter };
  const runIds = (await readText(options.idsFile)).split(/\s+/).filter((line) => line !== "");
  if (runIds.length === 0) throw usage(`${options.idsFile} holds no ids.`);
  return { runIds };
};
