import { type CompactOrigin, stateInName } from "../../../shared/model/machines/task-events.ts";

/** The execution's name and the user's state that a compiled flow's call is about; undefined for another event. */
export const visitOf = (
  event: unknown,
): { readonly execution: string; readonly state: string } | undefined => {
  if (typeof event !== "object" || event === null || !("at" in event) || !Array.isArray(event.at))
    return undefined;
  const [arn, { Name: name }] = event.at as unknown as CompactOrigin;
  return { execution: arn.split(":").at(-1) ?? "", state: stateInName(name) ?? "" };
};
