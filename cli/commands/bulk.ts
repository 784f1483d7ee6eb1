import type { Command } from "commander";
import type { Bulk, BulkResult } from "../../shared/model/schemas/bulk.ts";
import { followBulk } from "../follow/bulk.ts";
import { path } from "../http/path.ts";
import { bulkColumns, bulkText, resultColumns } from "../show/bulk.ts";
import { addBulkStarts } from "./bulk-starts.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, readPages, withPaging } from "./paging.ts";
import { showList } from "./show-list.ts";

export const addBulk = (program: Command, outcome: Outcome): void => {
  const bulk = branch(program, "bulk", "One action for many runs, by filter or by ids");
  addBulkStarts(bulk, outcome);

  withPaging(leaf(bulk, "list", "List bulk operations, newest first", "sluice bulk list")).action(
    perform<PageOptions, []>(outcome, async ({ api, terminal }, options) => {
      const page = await readPages<Bulk>(api(), "/bulk-operations", {}, options);
      showList(terminal, page, bulkColumns, "No bulk operations.");
    }),
  );

  leaf(
    bulk,
    "status <bulkId>",
    "Show how far a bulk operation is, or follow it to its end",
    "sluice bulk status 0198c1e2-… --watch",
  )
    .option("--watch", "follow it until it has ended; the exit code tells how")
    .action(
      perform<{ watch?: boolean }, [string]>(outcome, async ({ api, terminal }, { watch }, bulkId) => {
        const service = api();
        const found = await service.get<Bulk>(path`/bulk-operations/${bulkId}`);
        if (watch === true) return followBulk(service, terminal, found);
        terminal.result(found, () => bulkText(found));
        return 0;
      }),
    );

  withPaging(
    leaf(
      bulk,
      "results <bulkId>",
      "Show what became of each run",
      "sluice bulk results 0198c1e2-… --all --json | jq '.items[] | select(.outcome == \"skipped\")'",
    ),
  ).action(
    perform<PageOptions, [string]>(outcome, async ({ api, terminal }, options, bulkId) => {
      const target = path`/bulk-operations/${bulkId}/results`;
      showList(
        terminal,
        await readPages<BulkResult>(api(), target, {}, options),
        resultColumns,
        "No results yet.",
      );
    }),
  );

  leaf(
    bulk,
    "stop <bulkId>",
    "Stop a bulk operation; what is done stays done",
    "sluice bulk stop 0198c1e2-…",
  ).action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, bulkId) => {
      const stopped = await api().call<Bulk>({ method: "POST", path: path`/bulk-operations/${bulkId}/stop` });
      terminal.result(stopped, () => bulkText(stopped));
    }),
  );
};
