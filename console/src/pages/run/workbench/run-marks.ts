import type { Run } from "../../../../../shared/model/schemas/run.ts";
import type { ListedStep } from "../../../api/steps.ts";
import { marksOf, type StateMark } from "../../../graph/state-marks.ts";
import { type GraphScope, isStep } from "../../../graph/states.ts";
import { standOf, visitOf } from "../../../repair/stand.ts";
import { pathTaken } from "./path-taken.ts";
import type { StepsTree, TreeNode } from "./tree.ts";

/** The state before which a paused run stopped, or the one whose branches did. A failed state is marked as failed. */
export const parkedIn = (run: Run, steps: readonly ListedStep[], scope: GraphScope): string | undefined => {
  if (run.status !== "paused" || run.parkedAt === undefined || run.pausedBy?.kind === "error")
    return undefined;
  const { state } = standOf(run, steps, scope);
  return state ?? (visitOf(steps, run.currentStep)?.status === "completed" ? undefined : run.currentStep);
};

interface Known {
  readonly list: readonly ListedStep[];
  readonly tree: StepsTree;
  readonly scope: GraphScope;
  readonly parkedAt: string | undefined;
}

/** The marks of the run's states, and the edges that it took. */
export const marksOfRun = (
  run: Run,
  { list, tree, scope, parkedAt }: Known,
): { readonly marks: ReadonlyMap<string, StateMark>; readonly taken: ReadonlySet<string> } => {
  const marks = new Map(marksOf(list, parkedAt));
  const failedAt = run.status === "failed" ? run.error?.state : undefined;
  const path = pathTaken(scope, tree, {
    state: failedAt === undefined || failedAt === "" ? parkedAt : failedAt,
    hasEnded: run.status === "completed",
  });
  for (const state of path.states) if (!marks.has(state)) marks.set(state, { status: "passed", visits: 1 });
  const stop = scope.states.find(({ name }) => name === failedAt);
  if (stop !== undefined && !isStep(stop.type)) marks.set(stop.name, { status: "failed", visits: 1 });
  const note = (node: TreeNode) => {
    const mark = marks.get(node.step?.name ?? "");
    // The newest visit is the last one.
    if (mark !== undefined && node.note !== undefined)
      marks.set(node.step?.name ?? "", { ...mark, note: node.note });
    for (const inner of node.inside) note(inner);
  };
  for (const root of tree.roots) note(root);
  return { marks, taken: path.edges };
};
