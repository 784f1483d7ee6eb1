import { isTerminal, nextStatus, type RunAction, type RunStatus } from "../../../shared/model/transitions.ts";
import type { Answer } from "../../harness/clients/client.ts";
import type { OperationName } from "./operations.ts";

const REFUSALS = new Set([
  "state_changed",
  "run_already_terminal",
  "action_not_allowed",
  "flow_held",
  "spend_hold",
  "flow_has_open_runs",
  "step_already_completed",
  "step_in_progress",
  "attach_refused",
  "flow_is_attached",
  "flow_drifted",
  "execution_awaited",
  "incident_hold",
]);

const NOT_POSSIBLE = new Set(["replay_not_possible", "resume_not_possible"]);

/** Answer 404 if no pause is planned, or there is no trigger or incident. */
const MAY_FIND_NOTHING: readonly OperationName[] = [
  ...(["cancel the planned pause", "delete the trigger", "resolve the incident"] as const),
];

/** A definition with an approval has no place in a team's own machine. */
const isUnsupported = (name: OperationName, code: string): boolean =>
  name === "register" && code === "invalid_definition";

/** An incident names a flow that does not exist (yet). */
const isUnknownFlow = (name: OperationName, code: string): boolean =>
  name === "open an incident" && code === "invalid_request";

/**
 * Describes an answer that the operation must not have; undefined if it is legal.
 * @param faulty whether a fault was injected into the operation's own calls
 * @param mayBeGone whether the run or the flow may have been deleted
 */
export const illegalAnswer = (
  name: OperationName,
  { status, body }: Answer,
  { faulty, mayBeGone }: { readonly faulty: boolean; readonly mayBeGone: boolean },
): string | undefined => {
  const description = `${name} answered ${status} ${JSON.stringify(body)}`;
  if (status < 300 || (status >= 500 && faulty)) return undefined;
  if (status === 404) return mayBeGone || MAY_FIND_NOTHING.includes(name) ? undefined : description;
  const code = String(body["code"]);
  const isFitting = NOT_POSSIBLE.has(code) || isUnsupported(name, code) || isUnknownFlow(name, code);
  if (status === 422) return isFitting ? undefined : description;
  if (status !== 409 || !REFUSALS.has(code)) return description;
  const current = body["currentStatus"] as RunStatus;
  const action = name.split(" ")[0] as RunAction;
  const onRun = name.endsWith("the run") && ["pause", "resume", "cancel"].includes(action);
  if (code === "run_already_terminal" && !isTerminal(current)) return description;
  if (code === "action_not_allowed" && onRun && nextStatus(current, action) !== undefined) return description;
  return undefined;
};
