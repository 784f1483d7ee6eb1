import type { Role } from "../model/access.ts";
import type { Actor } from "../model/actor.ts";
import { type AttachReport, type ErrorFields, invalidField, SluiceError } from "../model/errors.ts";
import { flowStatus } from "../model/holds/kinds.ts";
import { MAX_PAYLOAD_BYTES, MAX_TRIGGERS, MAX_VIEWS } from "../model/limits.ts";
import { allowedActions, type RunAction, type RunStatus } from "../model/transitions.ts";
import type { FlowItem } from "../store/flows/flow-item.ts";
import type { RunItem } from "../store/runs/run-item.ts";

/**
 * Refusals of the domain, each with its text; those of holds and their ends are in `hold-refusals.ts`. A use case throws one by name.
 * `ErrorFields` types the fields of its code.
 */

type FieldError = ErrorFields["invalid_request"]["errors"][number];
type AccessGap = ErrorFields["running_user_lost_access"]["steps"][number];

// Runs

export const runNotFound = (): SluiceError => new SluiceError("not_found", "There is no such run");

/** Returns the run. Throws `not_found` if it does not exist or only its tombstone is left. */
export const existingRun = (record: RunItem | undefined): RunItem => {
  if (record === undefined || record.deleted === true) throw runNotFound();
  return record;
};

export const tooManyFailures = (max: number): SluiceError =>
  invalidField(
    "since",
    `More than ${max} runs are failed or paused by an error, which is too many to count at once. Ask for one flow, or for the failures since a later time.`,
  );

export const runChanged = ({ status, rev }: RunItem): SluiceError =>
  new SluiceError("state_changed", "State changed; please refresh", { currentStatus: status, rev });

export const runAlreadyTerminal = ({ status, rev }: RunItem): SluiceError =>
  new SluiceError("run_already_terminal", `Run is already ${status}`, { currentStatus: status, rev });

const runActionNotAllowed = ({ status }: RunItem, detail: string): SluiceError =>
  new SluiceError("action_not_allowed", detail, {
    currentStatus: status,
    allowedActions: allowedActions(status),
  });

export const actionNotAllowed = (record: RunItem, action: RunAction): SluiceError =>
  runActionNotAllowed(record, `Cannot ${action} a ${record.status} run`);

export const breakpointNotAllowed = (record: RunItem): SluiceError =>
  runActionNotAllowed(
    record,
    "The run is paused, and its resume would remove the breakpoint. Resume it first, or resume it with steps.",
  );

export const noGateToStopAt = (obstacle: string, version: number): SluiceError =>
  invalidField("before", `Version ${version} of the flow ${obstacle}.`);

export const deleteNotAllowed = (record: RunItem): SluiceError =>
  runActionNotAllowed(record, `Cannot delete a ${record.status} run. Cancel it first.`);

export const replayNotAllowed = (record: RunItem): SluiceError =>
  runActionNotAllowed(record, `Cannot replay a ${record.status} run before it has ended`);

export const replayNotPossible = (reason: string): SluiceError =>
  new SluiceError("replay_not_possible", reason);

export const runHeldByFlow = ({ status }: RunItem): SluiceError =>
  new SluiceError("flow_held", "The run is paused by its flow. Resume the flow instead.", {
    currentStatus: status,
  });

export const stepInProgress = (): SluiceError =>
  new SluiceError(
    "step_in_progress",
    "The run has not stopped yet: its step, or the execution that failed, has not ended. Try again when the run has parkedAt.",
  );

export const executionAwaited = (): SluiceError =>
  new SluiceError(
    "execution_awaited",
    "Somebody else started the run's execution and may be waiting for it. Send detach to leave it anyway: whoever is waiting sees it aborted.",
  );

export const mayNotRepair = (): SluiceError =>
  new SluiceError(
    "forbidden",
    "Only an administrator, or a machine client with the scope runs:repair, may change where or with which data a run continues",
  );

export const resumeNotPossible = (reason: string): SluiceError =>
  new SluiceError("resume_not_possible", reason);

export const branchesWouldRepeat = (state: string): SluiceError =>
  resumeNotPossible(
    `"${state}" has branches or iterations, and starting it again also calls those that had finished. To do so, name it with "at".`,
  );

export const runningUserLostAccess = ({ kind, id }: Actor, steps: readonly AccessGap[]): SluiceError => {
  const needs = steps.map(({ state, missing }) => `"${state}" needs ${missing.join(", ")}`).join("; ");
  const detail =
    kind === "user"
      ? `The user who started the run, ${id}, lacks permissions for steps ahead: ${needs}. Give ${id} these permissions and resume again, or let an administrator resume with override.`
      : `The machine client that started the run, ${id}, has no permissions, but steps ahead need some: ${needs}. Let an administrator resume with override.`;
  return new SluiceError("running_user_lost_access", detail, { steps });
};

// Dispatch

export const payloadTooLarge = (bytes: number): SluiceError =>
  new SluiceError(
    "payload_too_large",
    `The payload has ${bytes} bytes of JSON; the limit is ${MAX_PAYLOAD_BYTES}`,
  );

export const flowRejectsRecords = (): SluiceError =>
  new SluiceError(
    "flow_held",
    'The flow is paused and rejects new records. Resume it, or pause it with mode "queue".',
    { currentStatus: "paused" },
  );

export const idempotencyKeyReused = (): SluiceError =>
  new SluiceError(
    "idempotency_key_reused",
    "This Idempotency-Key was already used with a different request body. Send a new key.",
  );

export const idempotencyKeyOfDeletedRun = (): SluiceError =>
  new SluiceError(
    "idempotency_key_reused",
    "The run that this Idempotency-Key started has been deleted. To start the flow again, send a new key.",
  );

// Steps

export const stepNotFound = (): SluiceError => new SluiceError("not_found", "There is no such step");

export const stepAlreadyCompleted = (): SluiceError =>
  new SluiceError("step_already_completed", "The step no longer waits for an answer");

export const stepTakesNoAnswer = (): SluiceError =>
  new SluiceError("step_already_completed", "The step does not wait for a person's answer");

export const stepNotReady = (): SluiceError =>
  new SluiceError("service_unavailable", "The step is not ready for an answer yet. Try again shortly.");

export const stepAssignedToOthers = (): SluiceError =>
  new SluiceError("forbidden", "The step is assigned to other people");

export const invalidAnswer = (errors: readonly FieldError[]): SluiceError =>
  new SluiceError("invalid_request", "The answer is not valid for this step", { errors });

export const answerTooLarge = (bytes: number): SluiceError =>
  new SluiceError(
    "payload_too_large",
    `The answer has ${bytes} bytes of JSON; the limit for a step's output is ${MAX_PAYLOAD_BYTES}`,
  );

// Flows and their versions

export const flowNotFound = (flowId: string): SluiceError =>
  new SluiceError("not_found", `There is no flow ${flowId}`);

export const versionNotFound = (flowId: string, version: number): SluiceError =>
  new SluiceError("not_found", `The flow ${flowId} has no version ${version}`);

/** The flow's revision differs from the one that the client has seen, or the flow changes too fast to be written. */
export const flowChanged = (flow: FlowItem): SluiceError =>
  new SluiceError("state_changed", "State changed; please refresh", {
    currentStatus: flowStatus(flow.holds),
    rev: flow.rev,
  });

export const flowIsAttached = ({ flowId, attachment }: FlowItem): SluiceError =>
  new SluiceError(
    "flow_is_attached",
    `The flow ${flowId} is attached to ${attachment?.machineArn ?? "a state machine that a template deploys"}. Change the state machine where you deploy it, or detach the flow first.`,
  );

export const flowNotAttached = (flowId: string): SluiceError =>
  new SluiceError("action_not_allowed", `The flow ${flowId} is not attached to a state machine.`);

export const flowDrifted = ({ attachment }: FlowItem): SluiceError =>
  new SluiceError(
    "flow_drifted",
    `The definition of ${attachment?.machineArn} has been replaced and has no gates, or one of its aliases points elsewhere. Attach the state machine again, or detach the flow.`,
  );

export const attachRefused = (detail: string, report?: AttachReport): SluiceError =>
  new SluiceError("attach_refused", detail, report === undefined ? {} : { report });

export const grantsMissing = (report: AttachReport): SluiceError => {
  const lacking = report.missingGrants.map(({ action, resource }) => `${action} on ${resource}`).join(", ");
  const isKey = report.missingGrants.some(({ action }) => action.startsWith("kms:"));
  // Templates are bound by another function than attached machines.
  const detail = isKey
    ? `Sluice may not use the key of the state machine's definition: it lacks ${lacking}. Allow this in the key's policy for the roles of the functions sluice-attach and sluice-register.`
    : `The state machine's role lacks permissions: ${lacking}`;
  return new SluiceError("grants_missing", detail, { report });
};

export const flowChangesTooFast = (): SluiceError =>
  new SluiceError("service_unavailable", "The flow is changing too fast. Try again shortly.");

export const invalidDefinition = (
  errors: ErrorFields["invalid_definition"]["errors"],
  unfilled?: readonly string[],
): SluiceError => {
  const [first] = errors;
  const detail = first === undefined ? "The definition is invalid" : inOneLine(first);
  return new SluiceError("invalid_definition", detail, {
    errors,
    ...(unfilled === undefined ? {} : { unfilled }),
  });
};

const inOneLine = ({ path, message, line }: ErrorFields["invalid_definition"]["errors"][number]): string => {
  const places = [...(path === "" ? [] : [path]), ...(line === undefined ? [] : [`line ${line}`])];
  return places.length === 0 ? message : `${places.join(", ")}: ${message}`;
};

export const tooManyPublishers = (): SluiceError =>
  new SluiceError(
    "too_many_requests",
    "Too many clients are publishing this flow at the same time. Try again shortly.",
  );

export const flowIsDraft = (flowId: string): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The flow ${flowId} has only drafts. Activate a version before you dispatch records.`,
    { currentStatus: "draft", allowedActions: ["activate"] },
  );

export const flowIsBeingDeleted = (): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    "The flow is being deleted. Repeat the deletion to complete it, then publish again.",
    { currentStatus: "deleting", allowedActions: ["delete"] },
  );

/** `counts`: the flow's runs by status, for the statuses that prevent a deletion. */
export const flowHasOpenRuns = (
  flowId: string,
  counts: Readonly<Partial<Record<RunStatus, number>>>,
): SluiceError => {
  const list = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const failed = counts.failed === undefined ? "" : ", and delete those that failed";
  return new SluiceError(
    "flow_has_open_runs",
    `The flow still has runs: ${list.join(", ")}. Cancel them or wait until they end${failed}, then try again. A bulk operation with the filter of this response finds them all.`,
    { counts, filter: { flowId, status: Object.keys(counts) } },
  );
};

// Bulk operations

export const bulkNotFound = (): SluiceError =>
  new SluiceError("not_found", "There is no such bulk operation");

export const bulkAlreadyEnded = (currentStatus: string): SluiceError =>
  new SluiceError("action_not_allowed", `The bulk operation is already ${currentStatus}`, {
    currentStatus,
    allowedActions: [],
  });

/** A run has changed since the operation selected it. `status` is the current one. */
export const runChangedSinceSelection = (status: unknown): SluiceError =>
  new SluiceError("state_changed", `The run changed after it was selected; it is now ${status}`);

// Workspaces, members and views

export const workspaceNotFound = (workspace: string): SluiceError =>
  new SluiceError("not_found", `There is no workspace ${workspace} that you belong to`);

export const tooManyWorkspaceChanges = (): SluiceError =>
  new SluiceError(
    "too_many_requests",
    "Others are changing this workspace at the same time. Try again shortly.",
  );

export const forPlatformAdminsOnly = (): SluiceError =>
  new SluiceError("forbidden", "Only a platform administrator may do this");

export const scopesDoNotAllow = (): SluiceError =>
  new SluiceError("forbidden", "The token's scopes do not allow this");

export const roleDoesNotAllow = (role: Role): SluiceError =>
  new SluiceError("forbidden", `The role ${role} does not allow this`);

export const ownersMayNotResume = (): SluiceError =>
  new SluiceError("forbidden", "In this workspace, members may not resume their runs");

export const overrideForAdminsOnly = (): SluiceError =>
  new SluiceError("forbidden", "Only an administrator may override missing permissions of the run's user");

export const memberNotFound = (userId: string): SluiceError =>
  new SluiceError("not_found", `There is no member ${userId}`);

export const lastAdministrator = (workspace: string, userId: string): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `${userId} is the last administrator of ${workspace}. Make somebody else an administrator first.`,
    {},
  );

export const tooManyMemberChanges = (): SluiceError =>
  new SluiceError(
    "too_many_requests",
    "Others are changing the members at the same time. Try again shortly.",
  );

export const viewNotFound = (viewId: string): SluiceError =>
  new SluiceError("not_found", `There is no view ${viewId} that you may see`);

export const viewOfAnother = (): SluiceError =>
  new SluiceError("forbidden", "Only the owner of a shared view may change it");

export const viewChanged = (): SluiceError =>
  new SluiceError("state_changed", "The view changed; please refresh", {});

export const triggerNotFound = (triggerId: string): SluiceError =>
  new SluiceError("not_found", `The flow has no trigger ${triggerId}`);

/** Another call put or deleted the trigger at the same time. */
export const triggerChanged = (triggerId: string): SluiceError =>
  new SluiceError("state_changed", `The trigger ${triggerId} was changed at the same time. Read it again.`);

/** The trigger is not at the revision that the caller has seen; `rev` is that which it has, if it still exists. */
export const triggerHasOtherRev = (triggerId: string, rev: number | undefined): SluiceError =>
  rev === undefined
    ? new SluiceError("state_changed", `The trigger ${triggerId} does not exist, or no longer.`)
    : new SluiceError("state_changed", `The trigger ${triggerId} was changed. Read it again.`, { rev });

export const invalidSchedule = (problem: string): SluiceError =>
  invalidField("schedule", `EventBridge Scheduler does not accept the schedule: ${problem}`);

export const tooManyTriggers = (): SluiceError =>
  invalidField(
    "triggerId",
    `The flow has ${MAX_TRIGGERS} triggers, the limit for one flow. Delete one first.`,
  );

export const tooManyViews = (): SluiceError =>
  invalidField("viewId", `You have ${MAX_VIEWS} views, the limit for one user. Delete one first.`);
