import type { Command } from "commander";
import type { Flow, FlowVersion } from "../../shared/model/schemas/flow.ts";
import type { AuditItem } from "../../shared/model/schemas/run.ts";
import { path } from "../http/path.ts";
import { flowColumns, flowText, versionColumns } from "../show/flow.ts";
import { auditColumns } from "../show/run.ts";
import { jsonText } from "../terminal/style.ts";
import { addFlowCaps } from "./flow-caps.ts";
import { addFlowHolds } from "./flow-holds.ts";
import { addPublish } from "./flow-publish.ts";
import { type IfMatchOptions, withIfMatch } from "./if-match.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, positive, readPages, withPaging } from "./paging.ts";
import { showList } from "./show-list.ts";

export const addFlows = (program: Command, outcome: Outcome): void => {
  const flows = branch(program, "flows", "Flows: publish, pause, resume");

  withPaging(leaf(flows, "list", "List the flows", "sluice flows list")).action(
    perform<PageOptions, []>(outcome, async ({ api, terminal }, options) => {
      const page = await readPages<Flow>(api(), "/flows", {}, options);
      showList(terminal, page, flowColumns(terminal.paint), "No flows.");
    }),
  );

  leaf(
    flows,
    "get <flowId>",
    "Show a flow, or one of its versions with its definition",
    "sluice flows get order-approval",
    "sluice flows get order-approval --version 3 --json | jq .definition > order-approval.asl.json",
  )
    .option("--version <n>", "this version, with its definition", positive)
    .action(
      perform<{ version?: number }, [string]>(outcome, async ({ api, terminal }, { version }, flowId) => {
        if (version === undefined) {
          const flow = await api().get<Flow>(path`/flows/${flowId}`);
          terminal.result(flow, () => flowText(flow, terminal.paint));
        } else {
          const found = await api().get<FlowVersion>(path`/flows/${flowId}/versions/${String(version)}`);
          terminal.result(found, () => jsonText(found.definition, 2));
        }
      }),
    );

  addPublish(flows, outcome);

  withPaging(
    leaf(flows, "versions <flowId>", "List a flow's versions", "sluice flows versions order-approval"),
  ).action(
    perform<PageOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
      const page = await readPages<FlowVersion>(api(), path`/flows/${flowId}/versions`, {}, options);
      showList(terminal, page, versionColumns, "No versions.");
    }),
  );

  withIfMatch(
    leaf(
      flows,
      "activate <flowId> <version>",
      "Let new runs start on a version: a draft goes live, or a rollback",
      "sluice flows activate order-approval 2",
    ),
  ).action(
    perform<IfMatchOptions, [string, string]>(
      outcome,
      async ({ api, terminal }, { ifMatch }, flowId, version) => {
        const target = path`/flows/${flowId}/versions/${version}/activate`;
        const flow = await api().call<Flow>({ method: "POST", path: target, ifMatch });
        terminal.result(flow, () => `${flow.flowId} starts new runs on version ${flow.version}.`);
      },
    ),
  );

  addFlowHolds(flows, outcome);
  addFlowCaps(flows, outcome);

  withPaging(
    leaf(flows, "audit <flowId>", "Show who changed a flow, and why", "sluice flows audit order-approval"),
  ).action(
    perform<PageOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
      const page = await readPages<AuditItem>(api(), path`/flows/${flowId}/audit`, {}, options);
      showList(terminal, page, auditColumns, "No changes.");
    }),
  );

  withIfMatch(
    leaf(
      flows,
      "delete <flowId>",
      "Delete a flow that has no pending, running, waiting, paused or failed runs left",
      "sluice flows delete order-approval --yes",
    ),
  )
    .option("--yes", "do not ask")
    .action(
      perform<IfMatchOptions & { yes?: boolean }, [string]>(
        outcome,
        async ({ api, terminal }, { ifMatch, yes }, flowId) => {
          await terminal.confirm(`Delete the flow ${flowId}, for good?`, yes);
          await api().call({ method: "DELETE", path: path`/flows/${flowId}`, ifMatch });
          terminal.result({ flowId, deleted: true }, () => `${flowId} is deleted.`);
        },
      ),
    );
};
