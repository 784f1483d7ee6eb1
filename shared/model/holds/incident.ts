/** Incidents: one reason to hold many flows, or the states of many flows that call the same resource. */

export const INCIDENT_STATUSES = ["open", "resolved"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/**
 * What became of the hold on one flow. `placing`: it is being placed. `released`: somebody resumed the flow, and it is not held again.
 * `refused`: the flow could not be held yet. `unmatched`: no version with open runs calls the resources any more; the flow is held again if one
 * does. `canary`: a canary lifts it. `lifted`: the incident was resolved.
 */
export const PLACEMENT_STATES = [
  "placing",
  "held",
  "released",
  "refused",
  "unmatched",
  "canary",
  "lifted",
] as const;
export type PlacementState = (typeof PLACEMENT_STATES)[number];

/** The work on an incident's flows. `settle` repeats the lifts after every late writer has ended. */
export const INCIDENT_WORK = ["place", "lift", "settle"] as const;
export type IncidentWork = (typeof INCIDENT_WORK)[number];

/** The entries of an incident's timeline. */
export const TIMELINE_EVENTS = [
  "opened",
  "noted",
  "held",
  "released",
  "unmatched",
  "lifted",
  "resolved",
] as const;

/** Maximum number of notes of an incident, and maximum number of flows and resources that one names. */
export const MAX_INCIDENT_NOTES = 500;
export const MAX_INCIDENT_FLOWS = 200;
export const MAX_INCIDENT_RESOURCES = 20;

/** Maximum size of the holds that one answer lists, in characters of JSON. The timeline says all of it again. */
export const MAX_LISTED_HOLDS = 1_200_000;
