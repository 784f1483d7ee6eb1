import type { Command } from "commander";
import { followBulk } from "../../follow/bulk.ts";
import { bulkColumns, bulkText, resultColumns } from "../../show/bulk.ts";
import { branch, leaf, perform } from "../command.ts";
import { calling, listing } from "../shared-commands.ts";
import { addBulkStarts } from "./bulk-starts.ts";

export const addBulk = (program: Command): void => {
  const bulk = branch(program, "bulk", "Apply one action to many runs, selected by filter or by id");
  addBulkStarts(bulk);

  listing(leaf(bulk, "list", "List bulk operations, newest first", "sluice bulk list"), {
    columns: bulkColumns,
    empty: "No bulk operations.",
    read: (api, query) => api.listBulkOperations({ query }),
  });

  leaf(
    bulk,
    "status <bulkId>",
    "Show the progress of a bulk operation, or follow it to its end",
    "sluice bulk status 0198c1e2-… --watch",
  )
    .option("--watch", "follow the operation to its end; the exit code gives the result")
    .action(
      perform<{ watch?: boolean }, [string]>(async ({ api, terminal }, { watch }, bulkId) => {
        const client = api();
        const bulkOperation = await client.getBulkOperation({ bulkId });
        if (watch === true) return followBulk(client, terminal, bulkOperation);
        terminal.result(bulkOperation, () => bulkText(bulkOperation));
        return 0;
      }),
    );

  listing(
    leaf(
      bulk,
      "results <bulkId>",
      "Show the result for each run",
      "sluice bulk results 0198c1e2-… --all --json | jq '.items[] | select(.outcome == \"skipped\")'",
    ),
    {
      columns: resultColumns,
      empty: "No results yet.",
      read: (api, query, [bulkId = ""]) => api.listBulkResults({ bulkId, query }),
    },
  );

  calling(
    leaf(
      bulk,
      "stop <bulkId>",
      "Stop a bulk operation; completed actions are not reverted",
      "sluice bulk stop 0198c1e2-…",
    ),
    (api, [bulkId]) => api().stopBulkOperation({ bulkId }),
    bulkText,
  );
};
