import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { type RunIndex, sourcesFor } from "../../../store/runs/run-index.ts";
import type { StepItem } from "../../../store/runs/step-item.ts";
import type { StepStore } from "../../../store/runs/steps.ts";

/** The newest runs of each shard that are searched for visits of the states. */
const RUNS = 5;

/**
 * Returns those of the states whose functions contain a gate that knows holds on steps, as the newest visit of each shows. Only the function's
 * package decides this, so a state that none of the newest runs has visited is not among them.
 */
export const provenInline = async (
  { runIndex, steps }: { readonly runIndex: RunIndex; readonly steps: StepStore },
  { workspace, flowId, incarnation }: FlowItem,
  names: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const sources = sourcesFor(workspace, { flowId });
  const pages = await Promise.all(sources.map((source) => runIndex.page(source, {}, RUNS)));
  const found = await runIndex.read(
    workspace,
    pages.flatMap(({ runs }) => runs.map(({ runId }) => runId)),
  );
  const newest = new Map<string, StepItem>();
  for (const run of found) {
    if (run.incarnation !== incarnation) continue;
    for (const step of await steps.all(workspace, run.runId))
      if (names.has(step.name) && step.entered > (newest.get(step.name)?.entered ?? ""))
        newest.set(step.name, step);
  }
  return new Set(
    [...newest.values()].filter(({ inlineGate }) => inlineGate !== undefined).map(({ name }) => name),
  );
};
