import type { Command } from "commander";
import { condition, type IfMatchOptions, withIfMatch } from "../../options/if-match.ts";
import { positive } from "../../options/paging.ts";
import { flowColumns, flowText, healthText, versionColumns } from "../../show/flow.ts";
import { auditColumns } from "../../show/run.ts";
import { jsonText } from "../../terminal/style.ts";
import { branch, leaf, perform } from "../command.ts";
import { calling, deleting, listing } from "../shared-commands.ts";
import { addFlowCaps } from "./flow-caps.ts";
import { addFlowCheck } from "./flow-check.ts";
import { addFlowDeploy } from "./flow-deploy.ts";
import { addFlowHolds } from "./flow-holds.ts";
import { addPublish } from "./flow-publish.ts";
import { addRegister } from "./flow-register.ts";
import { addFlowSettings } from "./flow-settings.ts";
import { addFlowTriggers } from "./flow-triggers.ts";

export const addFlows = (program: Command): void => {
  const flows = branch(program, "flows", "Publish, pause, resume and inspect flows");

  listing(leaf(flows, "list", "List flows", "sluice flows list"), {
    columns: flowColumns,
    empty: "No flows.",
    read: (api, query) => api.listFlows({ query }),
  });

  calling(
    leaf(
      flows,
      "health <flowId>",
      "Show how a flow is doing: its oldest runs, its queue, failures and overdue runs",
      "sluice flows health order-approval",
    ),
    (api, [flowId]) => api().getFlowHealth({ flowId }),
    healthText,
  );

  leaf(
    flows,
    "get <flowId>",
    "Show a flow, or the definition of one of its versions",
    "sluice flows get order-approval",
    "sluice flows get order-approval --version 3 --json | jq .definition > order-approval.asl.json",
  )
    .option("--version <n>", "show this version with its definition", positive)
    .action(
      perform<{ version?: number }, [string]>(async ({ api, terminal }, { version }, flowId) => {
        if (version === undefined) {
          const flow = await api().getFlow({ flowId });
          terminal.result(flow, () => flowText(flow, terminal.paint));
        } else {
          const flowVersion = await api().getVersion({ flowId, version: String(version) });
          terminal.result(flowVersion, () => jsonText(flowVersion.definition, 2));
        }
      }),
    );

  addPublish(flows);
  addFlowCheck(flows);
  addFlowDeploy(flows);
  addRegister(flows);

  listing(
    leaf(flows, "versions <flowId>", "List a flow's versions", "sluice flows versions order-approval"),
    {
      columns: versionColumns,
      empty: "No versions.",
      read: (api, query, [flowId = ""]) => api.listVersions({ flowId, query }),
    },
  );

  const activate = leaf(
    flows,
    "activate <flowId> <version>",
    "Start new runs on this version: make a draft live, or roll back",
    "sluice flows activate order-approval 2",
  );
  calling(
    withIfMatch(activate),
    (api, [flowId, version]: [string, string], options: IfMatchOptions) =>
      api().activateVersion({ flowId, version, ifMatch: condition(options) }),
    ({ flowId, version }) => `New runs of flow ${flowId} now start on version ${version}.`,
  );

  addFlowHolds(flows);
  addFlowCaps(flows);
  addFlowTriggers(flows);
  addFlowSettings(flows);

  listing(leaf(flows, "audit <flowId>", "Show a flow's audit trail", "sluice flows audit order-approval"), {
    columns: auditColumns,
    empty: "No changes.",
    read: (api, query, [flowId = ""]) => api.listFlowAudit({ flowId, query }),
  });

  deleting(
    leaf(
      flows,
      "delete <flowId>",
      "Delete a flow that has no pending, running, waiting, paused or failed runs",
      "sluice flows delete order-approval --yes",
    ),
    "flow",
    (api, flowId, ifMatch) => api.deleteFlow({ flowId, ifMatch }),
  );
};
