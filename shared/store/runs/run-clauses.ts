import type { Pass } from "../../model/holds/pass.ts";
import { type RunStatus, statusesThatAllow, type Transition } from "../../model/transitions.ts";
import type { Clause } from "../expressions.ts";
import type { Intent } from "../intent.ts";
import type { RunItem } from "./run-item.ts";
import { STORED_NAMES } from "./stored-run.ts";

/**
 * The run is unchanged since it was read. Continuing as new, a first park and a breakpoint do not change the revision, so they are in the
 * condition too: facts about one execution do not apply to the next, a caller may rely on having seen that nothing is parked, and no gate
 * lets a step begin without having seen the breakpoint before it.
 */
export const asRead = (run: Pick<RunItem, "rev" | "attempt" | "neverParked" | "pauseBefore">): Clause => {
  const nothingParked = run.neverParked === true ? ` AND attribute_exists(${STORED_NAMES.neverParked})` : "";
  const sameBreakpoint =
    run.pauseBefore === undefined ? "attribute_not_exists(pauseBefore)" : "pauseBefore.#state = :breakpoint";
  return {
    text: `rev = :rev AND attempt = :attempt AND ${sameBreakpoint}${nothingParked}`,
    ...(run.pauseBefore === undefined ? {} : { names: { "#state": "state" } }),
    values: {
      ...{ ":rev": run.rev, ":attempt": run.attempt },
      ...(run.pauseBefore === undefined ? {} : { ":breakpoint": run.pauseBefore.state }),
    },
  };
};

/** No gate has to pause the run: it has no breakpoint, and was not resumed for a number of steps. */
export const RUNS_FREELY: Clause = {
  text: "attribute_not_exists(pauseBefore) AND attribute_not_exists(stepping)",
};

/** The run of an attached flow begins at its start, or this execution has gone to its place by the gate of another visit. */
export const isAtItsPlace = (attempt: number, visit: string): Clause => {
  const begins = ["entry", STORED_NAMES.continuedFrom, "startState"]
    .map((name) => `attribute_not_exists(${name})`)
    .join(" AND ");
  return {
    text: `(${begins}) OR (arrived.attempt = :attempt AND arrived.visit <> :visit)`,
    values: { ":attempt": attempt, ":visit": visit },
  };
};

/** The run belongs to this incarnation of its flow. `names`: those of an attached flow's machine and of a native execution. */
export const ofFlow = (
  incarnation: string,
  names: { readonly machine: string | undefined; readonly execution?: string | undefined },
): Clause => {
  const given = Object.entries(names);
  return {
    text: [
      "incarnation = :incarnation",
      ...given.map(([name, value]) =>
        value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`,
      ),
    ].join(" AND "),
    values: {
      ":incarnation": incarnation,
      ...Object.fromEntries(
        given.filter(([, value]) => value !== undefined).map(([name, value]) => [`:${name}`, value]),
      ),
    },
  };
};

export const NOT_DELETED: Clause = { text: "attribute_not_exists(deleted)" };

export const inStatus = (status: RunStatus): Clause => ({
  text: "#status = :status",
  names: { "#status": "status" },
  values: { ":status": status },
});

/** The run's status allows the transition. */
export const allows = (transition: Transition): Clause => {
  const statuses = statusesThatAllow(transition);
  return {
    text: `#status IN (${statuses.map((_, index) => `:from${index}`).join(", ")})`,
    names: { "#status": "status" },
    values: Object.fromEntries(statuses.map((status, index) => [`:from${index}`, status])),
  };
};

export const hasIntent = (id: string): Clause => ({ text: "intent.id = :was", values: { ":was": id } });

/** A new intent takes over the older intent's work, so it must not replace one that was written since. */
export const overIntent = (intent: Intent | undefined): Clause =>
  intent === undefined ? { text: "attribute_not_exists(intent)" } : hasIntent(intent.id);

/** An older visit never replaces the newest top-level visit: a late copy of a gate may have read the run long ago. */
export const notOlderThan = (entered: string): Clause => ({
  text: "attribute_not_exists(currentStep) OR currentStep.entered <= :entered",
  values: { ":entered": entered },
});

/** The run is at this position of its flow's queue, or in no queue. Leaving the queue keeps the revision. */
export const atPlace = (queuedAt: string | undefined): Clause =>
  queuedAt === undefined
    ? { text: "attribute_not_exists(queuedAt)" }
    : { text: "queuedAt = :place", values: { ":place": queuedAt } };

/** The run waits for a slot of this key, or for none. */
export const waitsFor = (key: string | undefined): Clause =>
  key === undefined
    ? { text: "attribute_not_exists(waitsFor)" }
    : { text: "waitsFor = :waits", values: { ":waits": key } };

export const HAS_SLOT: Clause = { text: "attribute_exists(slot)" };
export const HAS_NO_SLOT: Clause = { text: "attribute_not_exists(slot)" };
/** The run has the slot with which it was read. */
export const withSlot = (slot: RunItem["slot"]): Clause =>
  slot === undefined
    ? HAS_NO_SLOT
    : { text: "slot.#key = :slot", names: { "#key": "key" }, values: { ":slot": slot.key } };

/** The run begins on the version that is active when it leaves the queue. */
export const FOLLOWS_ACTIVE: Clause = { text: "attribute_exists(dispatchedVersion)" };

/** The oldest audit entry in the run item is still this one. Earlier releases stored entries as maps, not as packed rows. */
export const auditBeginsAt = (rev: number): Clause => ({
  text: "begins_with(#audit[0], :row) OR #audit[0].rev = :first",
  names: { "#audit": STORED_NAMES.recentAudit },
  values: { ":row": `[${rev},`, ":first": rev },
});

/** Whether the run may go on although its flow is held. */
export const hasPass = ({ canary, startedAt }: Pass): Clause[] => [
  ...(canary === undefined ? [] : [{ text: "canary = :canary", values: { ":canary": canary } }]),
  ...(startedAt === undefined ? [] : [{ text: "startedAt <= :begun", values: { ":begun": startedAt } }]),
];
