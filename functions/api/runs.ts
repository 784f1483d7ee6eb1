import { listFailures } from "../../shared/domain/runs/failures/list-failures.ts";
import { listAttention } from "../../shared/domain/runs/lists/list-attention.ts";
import { listRuns, type RunPage } from "../../shared/domain/runs/lists/list-runs.ts";
import { runChanges } from "../../shared/domain/runs/lists/run-changes.ts";
import { pageOfAudit, readAudit, readRun } from "../../shared/domain/runs/read-run.ts";
import { runView } from "../../shared/domain/runs/run-view.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import type { MachinePlace } from "../../shared/model/machines/machine-names.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";
import { ownerOf, refuseUnlessMaySee, refuseUnlessVisible } from "./run-access.ts";

export const listRunsEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listRuns, async ({ params, query }, caller) => {
    const { limit, cursor, ...filter } = query;
    const { workspace } = params;
    const asked = { workspace, filter, owner: ownerOf(caller), limit, cursor };
    return pageOfRuns(await listRuns(deps.runIndex, asked), deps.machinePlace);
  });

export const listAttentionEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listAttention, async ({ params, query }, caller) => {
    const { limit, cursor, include, ...filter } = query;
    const { workspace } = params;
    const waiting = include !== undefined;
    const asked = { workspace, filter, waiting, owner: ownerOf(caller), limit, cursor };
    return pageOfRuns(await listAttention(deps.runIndex, asked), deps.machinePlace);
  });

export const getRunChangesEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.getRunChanges, async ({ params, query }, caller) => {
    const { list, runIds, after, include, ...filter } = query;
    const { records, newer } = await runChanges(deps.runIndex, {
      ...{ workspace: params.workspace, filter, owner: ownerOf(caller), runIds, after },
      ...(list === "attention" ? { attention: { waiting: include !== undefined } } : {}),
    });
    return { status: 200, body: { items: records.map((run) => runView(run, deps.machinePlace)), newer } };
  });

export const getFailuresEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.getFailures, async ({ params, query }, caller) => {
    const items = await listFailures(deps, { ...query, workspace: params.workspace, owner: ownerOf(caller) });
    return { status: 200, body: { items } };
  });

export const getRunEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.getRun, async ({ params }, caller) => {
    const { record, run } = await readRun(deps, params.workspace, params.runId);
    refuseUnlessVisible(caller, record);
    return { status: 200, body: run, rev: run.rev };
  });

export const listRunAuditEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listRunAudit, async ({ params, query }, caller) => {
    await refuseUnlessMaySee(deps, caller, params);
    const entries = await readAudit(deps, params.workspace, params.runId);
    return { status: 200, body: pageOfAudit(entries, ["run-audit", params.workspace, params.runId], query) };
  });

/** Answers 200 with a page of runs, as lists show them. */
const pageOfRuns = ({ records, nextCursor }: RunPage, machinePlace: MachinePlace): HttpAnswer => {
  const items = records.map((record) => runView(record, machinePlace));
  return { status: 200, body: { items, ...(nextCursor === undefined ? {} : { nextCursor }) } };
};
