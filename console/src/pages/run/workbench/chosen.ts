import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import type { ListedStep } from "../../../api/steps.ts";
import type { RunSearch } from "../search.ts";

const ROUTE = "/inside/$workspace/monitoring/workflow-runs/$runId";

/** The state of the page in its address, and a function that replaces parts of it. Undefined removes a part. */
export const useRunSearch = () => {
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/workflow-runs/$runId" });
  const change = (parts: { readonly [Part in keyof RunSearch]: RunSearch[Part] | undefined }) =>
    navigate({
      search: (before): RunSearch => {
        const entries = Object.entries({ ...before, ...parts });
        return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
      },
      replace: true,
      resetScroll: false,
    });
  const toggled = useMemo(() => new Set(search.rows), [search.rows]);
  return { search, toggled, change };
};

/** The step that is shown: the chosen one, or else the one that failed, or the newest. */
export const chosenStep = (
  run: Run,
  steps: readonly ListedStep[],
  { step, state }: RunSearch,
): ListedStep | undefined => {
  if (step !== undefined) return steps.find(({ stepId }) => stepId === step);
  if (state !== undefined) return undefined;
  const failed = run.error?.state ?? run.pausedBy?.state;
  return (
    steps.findLast(({ name, status }) => name === failed && status === "failed") ??
    steps.findLast(({ branch }) => branch === undefined) ??
    steps.at(-1)
  );
};

/** The visit of a state that a click on it shows: the newest that failed, or else the newest. */
export const visitToShow = (steps: readonly ListedStep[], state: string): ListedStep | undefined =>
  steps.findLast(({ name, status }) => name === state && status === "failed") ??
  steps.findLast(({ name }) => name === state);
