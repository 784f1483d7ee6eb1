import { breakpointObstacle } from "../../asl/gates/gated-states.ts";
import { machineOf } from "../../asl/parse/graph.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { breakpointNotAllowed, existingRun, noGateToStopAt, runChanged } from "../refusals.ts";
import { type ActionRequest, refuseOutdated } from "../runs/apply-action.ts";

interface BreakpointRequest extends ActionRequest {
  /** A state with a gate, at any level. */
  readonly before: string;
}

/**
 * Sets the run's breakpoint, in one write at the same revision. The gate of the state compares it in its own write, so once this is
 * acknowledged, no visit of the state begins unless its gate had decided before. Refused for a run that a person or an error paused, since
 * only a resume continues it, and a resume removes the breakpoint. Throws `invalid_request` if the state has no gate.
 */
export const pauseBefore = async (
  deps: ResumeRunDependencies,
  { workspace, runId, actor, reason, ifMatch, read, before }: BreakpointRequest,
): Promise<RunItem> => {
  let record = existingRun(await (read ?? (() => deps.runs.get(workspace, runId)))());
  return retryOnConflict(
    deps,
    async () => {
      refuseOutdated(record, ifMatch);
      if (record.status === "paused" && record.pausedBy?.kind !== "flow") throw breakpointNotAllowed(record);
      await refuseWithoutGate(deps, record, before);
      const written = await deps.runs.setBreakpoint(record, {
        ...{ state: before, by: actor },
        ...(reason === undefined ? {} : { reason }),
      });
      if (written.ok) return written.run;
      record = existingRun(written.current);
      return "conflict";
    },
    () => runChanged(record),
  );
};

/** A record in the queue begins on the version that is active then. */
const refuseWithoutGate = async (
  deps: ResumeRunDependencies,
  run: RunItem,
  before: string,
): Promise<void> => {
  const follows = run.queuedAt !== undefined && run.dispatchedVersion !== undefined;
  const { version } = (follows ? await deps.runs.activeVersion(run) : undefined) ?? run;
  const machine = machineOf(await deps.versions.text(run, version, "user"));
  const obstacle = machine === undefined ? "cannot be read" : breakpointObstacle(machine, before);
  if (obstacle !== undefined) throw noGateToStopAt(obstacle, version);
};
