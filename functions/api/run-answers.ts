import type { Dispatched } from "../../shared/domain/dispatch/dispatch-run.ts";
import { runNotFound } from "../../shared/domain/refusals.ts";
import type { ControlRequest } from "../../shared/domain/runs/control.ts";
import type { RunPage } from "../../shared/domain/runs/lists/list-runs.ts";
import { withPayload } from "../../shared/domain/runs/read-run.ts";
import { runView } from "../../shared/domain/runs/run-view.ts";
import type { Caller } from "../../shared/domain/workspace/admit.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";

/** 200 with the whole run, as the action left it. The payload never changes, so it is read with the run before the action. */
export const changed = async (
  deps: Dependencies,
  request: ControlRequest,
  act: (request: ControlRequest) => Promise<RunItem>,
): Promise<HttpAnswer> => {
  let payload: string | undefined;
  const read = async () => {
    const both = await deps.runs.getWithPayload(request.workspace, request.runId);
    payload = both.payload;
    return both.run;
  };
  const record = await act({ ...request, read });
  const view = runView(record, deps.statesArnPrefix);
  return { status: 200, body: withPayload(view, payload), rev: record.rev };
};

/** 202 with the run and where it can be read. */
export const accepted = (deps: Dependencies, { record, payload }: Dispatched): HttpAnswer => ({
  status: 202,
  body: { ...runView(record, deps.statesArnPrefix), payload: JSON.parse(payload) },
  rev: record.rev,
  location: `/v1/workspaces/${record.workspace}/runs/${record.runId}`,
});

/** 200 with a page of runs, as lists show them. */
export const pageOfRuns = ({ records, nextCursor }: RunPage, statesArnPrefix: string): HttpAnswer => {
  const items = records.map((record) => runView(record, statesArnPrefix));
  return { status: 200, body: { items, ...(nextCursor === undefined ? {} : { nextCursor }) } };
};

/** Whose runs alone the caller sees in lists; undefined: everybody's. */
export const ownerOf = ({ grant, actor }: Caller): string | undefined =>
  grant === "own" ? actor.id : undefined;

/** Who may only see their own runs is told of others' as if they did not exist. */
export const refuseOthers = (caller: Caller, record: RunItem | undefined): void => {
  if (caller.grant === "all") return;
  const { actor } = caller;
  const own = record?.startedBy.kind === actor.kind && record.startedBy.id === actor.id;
  if (!own) throw runNotFound();
};

/** For calls that do not read the run themselves. */
export const refuseUnlessOwn = async (
  deps: Dependencies,
  caller: Caller,
  params: { readonly workspace: string; readonly runId: string },
): Promise<void> => {
  if (caller.grant === "all") return;
  refuseOthers(caller, await deps.runs.get(params.workspace, params.runId));
};
