import type { Command } from "commander";
import type { Client } from "../../../shared/client/operations.ts";
import { allItems } from "../../../shared/client/pages.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { logsText } from "../../show/logs.ts";
import { leaf, perform } from "../command.ts";

/** Adds the command that shows what a step's function printed. */
export const addRunLogs = (runs: Command): void => {
  leaf(
    runs,
    "logs <runId> [stepId]",
    "Show what a step's function printed, attempt by attempt. Without a step: of the newest one that failed, or else of the newest",
    "sluice runs logs 0198c1e2-…",
  ).action(
    perform<object, [string, string | undefined]>(async ({ api, terminal }, _options, runId, stepId) => {
      const client = api();
      const chosen = stepId ?? (await newestTask(client, runId));
      const logs =
        chosen === undefined ? { attempts: [] } : await client.getStepLogs({ runId, stepId: chosen });
      terminal.result(logs, () => logsText(logs));
    }),
  );
};

const newestTask = async (client: Client, runId: string): Promise<string | undefined> => {
  const steps = await allItems((cursor) => client.listSteps({ runId, query: { limit: MAX_PAGE, cursor } }));
  const tasks = steps.filter(({ type }) => type === "Task");
  return (tasks.findLast(({ status }) => status === "failed") ?? tasks.at(-1))?.stepId;
};
