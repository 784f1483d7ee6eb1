import { mayNotRepair } from "../../shared/domain/refusals.ts";
import { isMove } from "../../shared/domain/repair/move-request.ts";
import { pauseBefore } from "../../shared/domain/repair/pause-before.ts";
import { rehearseResume } from "../../shared/domain/repair/rehearse-resume.ts";
import { resumeRun } from "../../shared/domain/repair/resume-run.ts";
import type { ActionRequest } from "../../shared/domain/runs/apply-action.ts";
import { cancelRun } from "../../shared/domain/runs/cancel-run.ts";
import { deleteRun } from "../../shared/domain/runs/delete-run.ts";
import { pauseRun } from "../../shared/domain/runs/pause-run.ts";
import { withPayload } from "../../shared/domain/runs/read-run.ts";
import { runView } from "../../shared/domain/runs/run-view.ts";
import { type Caller, refuseUnlessMayOverride } from "../../shared/domain/workspace/authorize.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { endpoint } from "../middleware/http.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";
import { refuseUnlessMaySee } from "./run-access.ts";

export const pauseRunEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.pauseRun, async (request, caller) =>
    act(deps, controlRequest(request, caller), (asked) => {
      const { before } = request.body;
      return before === undefined ? pauseRun(deps, asked) : pauseBefore(deps, { ...asked, before });
    }),
  );

export const resumeRunEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.resumeRun, async (request, caller) => {
    const override = request.body.override === true;
    if (override) refuseUnlessMayOverride(caller);
    await refuseUnlessMaySee(deps, caller, request.params);
    const { giveUp = false, steps, dryRun, reason: _reason, override: _override, ...move } = request.body;
    if (isMove(move) && caller.grantOf("repair-runs") !== "all") throw mayNotRepair();
    const options = {
      ...{ override, giveUp },
      ...(isMove(move) ? { move } : {}),
      ...(steps === undefined ? {} : { steps }),
    };
    const asked = controlRequest(request, caller);
    if (dryRun !== true) return act(deps, asked, (own) => resumeRun(deps, { ...own, ...options }));
    const { run, rehearsal } = await rehearseResume(deps, { ...asked, ...options });
    return { status: 200, body: { ...runView(run, deps.machinePlace), rehearsal }, rev: run.rev };
  });

export const cancelRunEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.cancelRun, async (request, caller) =>
    act(deps, controlRequest(request, caller), (asked) => cancelRun(deps, asked)),
  );

export const deleteRunEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, runOperations.deleteRun, async (request, caller) => {
    await deleteRun(deps, controlRequest(request, caller));
    return { status: 204 };
  });

/** Returns the request in the form that the use cases expect. */
const controlRequest = (
  request: {
    readonly params: { readonly workspace: string; readonly runId: string };
    readonly body?: { readonly reason?: string | undefined } | undefined;
    readonly ifMatch?: number;
  },
  { actor }: Caller,
): ActionRequest => {
  const { params, ifMatch } = request;
  const reason = request.body?.reason;
  return {
    workspace: params.workspace,
    runId: params.runId,
    actor,
    ...(reason === undefined || reason === "" ? {} : { reason }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
};

/**
 * Answers 200 with the whole run after the action. The payload never changes, so it is read together with the run before the
 * action.
 */
const act = async (
  deps: Dependencies,
  request: ActionRequest,
  action: (request: ActionRequest) => Promise<RunItem>,
): Promise<HttpAnswer> => {
  let payload: string | undefined;
  const read = async () => {
    const both = await deps.runs.getWithPayload(request.workspace, request.runId);
    payload = both.payload;
    return both.run;
  };
  const run = await action({ ...request, read });
  const view = runView(run, deps.machinePlace);
  return { status: 200, body: withPayload(view, payload), rev: run.rev };
};
