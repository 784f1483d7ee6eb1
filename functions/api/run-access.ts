import { runNotFound } from "../../shared/domain/refusals.ts";
import type { Caller } from "../../shared/domain/workspace/authorize.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";

/** Returns the user to whose own runs the caller's lists are restricted, or undefined if the caller may list all runs. */
export const ownerOf = ({ grant, actor }: Caller): string | undefined =>
  grant === "own" ? actor.id : undefined;

/** Refuses a run that the caller may not see, as if it did not exist. */
export const refuseUnlessVisible = (caller: Caller, run: RunItem | undefined): void => {
  if (caller.grant === "all") return;
  const { actor } = caller;
  const own = run?.startedBy.kind === actor.kind && run.startedBy.id === actor.id;
  if (!own) throw runNotFound();
};

/** Refuses a run that the caller may not see, for calls that do not read the run themselves. */
export const refuseUnlessMaySee = async (
  deps: Dependencies,
  caller: Caller,
  params: { readonly workspace: string; readonly runId: string },
): Promise<void> => {
  if (caller.grant === "all") return;
  refuseUnlessVisible(caller, await deps.runs.get(params.workspace, params.runId));
};
