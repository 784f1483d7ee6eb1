import { invalidField, SluiceError } from "../model/errors.ts";
import { MAX_PARTIAL_HOLDS } from "../model/holds/hold.ts";
import { MAX_INCIDENT_NOTES } from "../model/holds/incident.ts";
import { flowStatus } from "../model/holds/kinds.ts";
import { MAX_HOLD_COPY_BYTES, MAX_PLAN_DAYS } from "../model/limits.ts";
import type { FlowItem } from "../store/flows/flow-item.ts";

/** Refusals of pauses, holds on steps, caps and careful resumes. */

export const flowAlreadyPaused = (flow: FlowItem): SluiceError =>
  new SluiceError("action_not_allowed", "The flow is already paused. Resume it before you pause it again.", {
    currentStatus: flowStatus(flow.holds),
    allowedActions: ["resume"],
  });

export const tooManyPartialHolds = (flow: FlowItem): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The flow already has ${MAX_PARTIAL_HOLDS} holds on steps. Lift one of them first.`,
    { currentStatus: flowStatus(flow.holds), allowedActions: ["resume"] },
  );

export const unknownSteps = (
  flowId: string,
  unknown: readonly (readonly [index: number, name: string])[],
): SluiceError => {
  const errors = unknown.map(([index, name]) => ({
    path: `steps[${index}]`,
    message: `No version of the flow ${flowId} that is active or has open runs has a state "${name}".`,
  }));
  return new SluiceError("invalid_request", errors[0]?.message ?? "", { errors });
};

export const finishWithSteps = (): SluiceError =>
  invalidField(
    "mode",
    "The mode finish is for the whole flow: runs that have begun would pass the steps, too. Leave out steps to let runs finish, or the mode to hold the steps.",
  );

export const holdsTooMuch = (): SluiceError =>
  invalidField(
    "steps",
    `The flow's holds would name too many states for its gates to read: their limit is ${MAX_HOLD_COPY_BYTES} bytes. Hold fewer states, or the whole flow.`,
  );

export const resumeAtInPast = (): SluiceError => invalidField("resumeAt", "resumeAt must be in the future");

export const resumeAtTooLate = (): SluiceError =>
  invalidField("resumeAt", "resumeAt must be at most 14 days ahead");

export const startAtInPast = (): SluiceError => invalidField("startAt", "startAt must be in the future");

export const startAtTooLate = (): SluiceError =>
  invalidField("startAt", `startAt must be at most ${MAX_PLAN_DAYS} days ahead`);

export const resumeAtBeforeStart = (): SluiceError =>
  invalidField("resumeAt", "resumeAt must be later than startAt");

export const resumeAtTooLateForPlan = (): SluiceError =>
  invalidField("resumeAt", "resumeAt must be at most 14 days after startAt");

export const flowPausedUntilThen = (flow: FlowItem): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The flow is already paused until ${flow.holds.manual?.resumeAt}. Plan the next pause for a later time, or resume the flow first.`,
    { currentStatus: flowStatus(flow.holds), allowedActions: ["resume"] },
  );

export const noScheduledPause = (flowId: string): SluiceError =>
  new SluiceError("not_found", `The flow ${flowId} has no planned pause. It may have begun.`);

export const pauseScheduleFailed = (cause: unknown): SluiceError =>
  new SluiceError(
    "service_unavailable",
    "The schedule that begins the pause could not be created, so no pause is planned. Try again shortly.",
    {},
    cause,
  );

export const holdScheduleFailed = (cause: unknown): SluiceError =>
  new SluiceError(
    "service_unavailable",
    "The schedule that ends the hold could not be created, so the flow is not held. Try again shortly.",
    {},
    cause,
  );

export const invalidSlotKey = (error: string): SluiceError => invalidField("concurrency.key", error);

export const heldBySpendCap = (flow: FlowItem, used: number): SluiceError =>
  new SluiceError(
    "spend_hold",
    "The flow is held by its spend cap. Raise the cap, or wait for the period to end.",
    { cap: flow.caps.spend?.limit, used, liftsAt: flow.holds.spend?.resumeAt },
  );

export const heldByIncident = (flow: FlowItem, incidentId: string | undefined): SluiceError =>
  new SluiceError(
    "incident_hold",
    'The flow is held by an incident. Resolve the incident, or name "incident" in holds to take this flow out of it.',
    { currentStatus: flowStatus(flow.holds), ...(incidentId === undefined ? {} : { incidentId }) },
  );

export const heldByOtherIncident = (flow: FlowItem, incidentId: string | undefined): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `Another incident (${incidentId ?? "unknown"}) already holds the whole flow. This one holds it when the other ends.`,
    { currentStatus: flowStatus(flow.holds), allowedActions: ["resume"] },
  );

export const nothingToResume = (flow: FlowItem): SluiceError => {
  const currentStatus = flowStatus(flow.holds);
  const detail =
    currentStatus === "active" ? "The flow is not held" : "The flow has none of the requested holds";
  const allowed = flow.holds.manual === undefined ? ["pause"] : ["resume"];
  return new SluiceError("action_not_allowed", detail, { currentStatus, allowedActions: allowed });
};

export const rampAboveRate = (drainRate: number): SluiceError =>
  invalidField("ramp.from", `ramp.from must be at most the drain's rate, ${drainRate} per second`);

export const rampTooLong = (): SluiceError =>
  invalidField("ramp", "The ramp would take longer than 14 days. Raise ramp.factor, or lower ramp.every.");

export const canaryUnderWay = ({ holds }: FlowItem): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    "The flow already has a canary. Wait for its end, stop it with a pause, or resume without a canary.",
    { currentStatus: flowStatus(holds), allowedActions: ["pause", "resume"] },
  );

export const canaryBesideHold = (
  { holds }: FlowItem,
  others: readonly { readonly kind: string }[],
): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The flow has other holds (${others.map(({ kind }) => kind).join(", ")}), which would stop the canary's runs. Lift them too, or first.`,
    { currentStatus: flowStatus(holds), allowedActions: ["resume"] },
  );

export const rampBesideHold = ({ holds }: FlowItem, left: readonly string[]): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The flow would stay held (${left.join(", ")}), so no ramp can begin. Lift all holds with one resume.`,
    { currentStatus: flowStatus(holds), allowedActions: ["resume"] },
  );

export const unknownIncidentFlows = (
  unknown: readonly (readonly [index: number, flowId: string])[],
): SluiceError => {
  const errors = unknown.map(([index, flowId]) => ({
    path: `flows[${index}]`,
    message: `The workspace has no flow ${flowId}.`,
  }));
  return new SluiceError("invalid_request", errors[0]?.message ?? "", { errors });
};

export const mayNotHoldAll = (): SluiceError =>
  new SluiceError(
    "forbidden",
    "Only administrators may open or resolve an incident over all flows of a workspace. Name flows or resources, or ask an administrator.",
  );

export const incidentNotFound = (): SluiceError => new SluiceError("not_found", "There is no such incident");

export const incidentResolved = (): SluiceError =>
  new SluiceError("action_not_allowed", "The incident has already been resolved. Open another one.");

export const tooManyNotes = (): SluiceError =>
  new SluiceError(
    "action_not_allowed",
    `The incident already has ${MAX_INCIDENT_NOTES} notes. Keep further ones elsewhere.`,
  );
