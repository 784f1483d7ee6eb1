import type { Caller } from "../../shared/domain/admit.ts";
import { readRun } from "../../shared/domain/read-run.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import type { RunRecord } from "../../shared/store/records.ts";
import type { Dependencies } from "../dependencies.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";

/** The whole run, as it is now. */
const shown = async (tools: Dependencies, record: RunRecord, status: number): Promise<HttpAnswer> => {
  const { run } = await readRun(tools, record.workspace, record.runId);
  return { status, body: run, rev: run.rev };
};

/** 200 with the run. */
export const changed = (tools: Dependencies, record: RunRecord): Promise<HttpAnswer> =>
  shown(tools, record, 200);

/** 202 with the run and where it can be read. */
export const accepted = async (tools: Dependencies, record: RunRecord): Promise<HttpAnswer> => ({
  ...(await shown(tools, record, 202)),
  location: `/v1/workspaces/${record.workspace}/runs/${record.runId}`,
});

/** Who may only see their own runs is told of others' as if they did not exist. */
export const refuseOthers = (caller: Caller, record: RunRecord | undefined): void => {
  if (caller.grant === "all") return;
  const { actor } = caller;
  const own = record?.startedBy.kind === actor.kind && record.startedBy.id === actor.id;
  if (!own) throw new SluiceError("not_found", "There is no such run");
};

/** For calls that do not read the run themselves. */
export const refuseUnlessOwn = async (
  tools: Dependencies,
  caller: Caller,
  params: { readonly workspace: string; readonly runId: string },
): Promise<void> => {
  if (caller.grant === "all") return;
  refuseOthers(caller, await tools.runs.get(params.workspace, params.runId));
};
