import type { Command } from "commander";
import { condition, type IfMatchOptions, withIfMatch } from "../options/if-match.ts";
import { positive } from "../options/paging.ts";
import { flowColumns, flowText, versionColumns } from "../show/flow.ts";
import { auditColumns } from "../show/run.ts";
import { jsonText } from "../terminal/style.ts";
import { branch, leaf, type Outcome, perform } from "./command.ts";
import { addFlowCaps } from "./flow-caps.ts";
import { addFlowHolds } from "./flow-holds.ts";
import { addPublish } from "./flow-publish.ts";
import { deleting, listing } from "./shared-commands.ts";

export const addFlows = (program: Command, outcome: Outcome): void => {
  const flows = branch(program, "flows", "Publish, pause, resume and inspect flows");

  listing(leaf(flows, "list", "List flows", "sluice flows list"), outcome, {
    columns: flowColumns,
    empty: "No flows.",
    read: (api, query) => api.listFlows({ query }),
  });

  leaf(
    flows,
    "get <flowId>",
    "Show a flow, or the definition of one of its versions",
    "sluice flows get order-approval",
    "sluice flows get order-approval --version 3 --json | jq .definition > order-approval.asl.json",
  )
    .option("--version <n>", "show this version with its definition", positive)
    .action(
      perform<{ version?: number }, [string]>(outcome, async ({ api, terminal }, { version }, flowId) => {
        if (version === undefined) {
          const flow = await api().getFlow({ flowId });
          terminal.result(flow, () => flowText(flow, terminal.paint));
        } else {
          const flowVersion = await api().getVersion({ flowId, version: String(version) });
          terminal.result(flowVersion, () => jsonText(flowVersion.definition, 2));
        }
        return 0;
      }),
    );

  addPublish(flows, outcome);

  listing(
    leaf(flows, "versions <flowId>", "List a flow's versions", "sluice flows versions order-approval"),
    outcome,
    {
      columns: versionColumns,
      empty: "No versions.",
      read: (api, query, [flowId = ""]) => api.listVersions({ flowId, query }),
    },
  );

  withIfMatch(
    leaf(
      flows,
      "activate <flowId> <version>",
      "Start new runs on this version: make a draft live, or roll back",
      "sluice flows activate order-approval 2",
    ),
  ).action(
    perform<IfMatchOptions, [string, string]>(
      outcome,
      async ({ api, terminal }, options, flowId, version) => {
        const flow = await api().activateVersion({ flowId, version, ifMatch: condition(options) });
        terminal.result(flow, () => `New runs of flow ${flowId} now start on version ${flow.version}.`);
        return 0;
      },
    ),
  );

  addFlowHolds(flows, outcome);
  addFlowCaps(flows, outcome);

  listing(
    leaf(flows, "audit <flowId>", "Show a flow's audit trail", "sluice flows audit order-approval"),
    outcome,
    {
      columns: auditColumns,
      empty: "No changes.",
      read: (api, query, [flowId = ""]) => api.listFlowAudit({ flowId, query }),
    },
  );

  deleting(
    leaf(
      flows,
      "delete <flowId>",
      "Delete a flow that has no pending, running, waiting, paused or failed runs",
      "sluice flows delete order-approval --yes",
    ),
    outcome,
    "flow",
    (api, flowId, ifMatch) => api.deleteFlow({ flowId, ifMatch }),
  );
};
