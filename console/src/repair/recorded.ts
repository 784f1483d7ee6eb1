import { useQuery } from "@tanstack/react-query";
import { stepQuery } from "../api/steps.ts";
import type { Record } from "./stand.ts";

/** The recorded data as formatted JSON, read whole even if the list of steps has only its size; undefined while it is unknown. */
export const useRecorded = (
  workspace: string,
  runId: string,
  record: Record | undefined,
): { readonly text: string | undefined; readonly isPending: boolean } => {
  const step = record?.step;
  const whole = useQuery({
    ...stepQuery(workspace, runId, step ?? { stepId: "", status: "running" }),
    enabled: step !== undefined,
  });
  const value = record === undefined ? undefined : whole.data?.[record.part];
  return {
    text: value === undefined ? undefined : JSON.stringify(value, null, 2),
    isPending: step !== undefined && whole.isPending,
  };
};
