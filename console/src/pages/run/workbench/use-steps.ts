import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { type ListedStep, stepsQuery } from "../../../api/steps.ts";
import { chosenStep, useRunSearch, visitToShow } from "./chosen.ts";
import { toggledToShow, treeOf } from "./tree.ts";

const NONE: readonly ListedStep[] = [];

/** The run's steps, and which of them the page shows. */
export const useSteps = (workspace: string, run: Run) => {
  const query = useQuery(stepsQuery(workspace, run.runId));
  const { search, toggled, change } = useRunSearch();
  // Of a very long run, the parts of the page are made one after the other.
  const list = useDeferredValue(query.data ?? NONE);
  const tree = useMemo(() => treeOf(list), [list]);
  const choose = (step: ListedStep) =>
    change({
      ...{ step: step.stepId, state: undefined },
      rows: [...toggledToShow(tree, step.stepId, toggled)],
    });
  return {
    ...{ query, list, tree, toggled, choose },
    chosen: chosenStep(run, list, search),
    /** The chosen state that has no step. */
    state: search.state,
    chooseState: (state: string) => {
      const visit = visitToShow(list, state);
      if (visit === undefined) change({ step: undefined, state });
      else choose(visit);
    },
    toggle: (id: string) => {
      const next = new Set(toggled);
      if (!next.delete(id)) next.add(id);
      change({ rows: next.size === 0 ? undefined : [...next] });
    },
  };
};
export type Steps = ReturnType<typeof useSteps>;
