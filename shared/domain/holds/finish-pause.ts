import { SYSTEM } from "../../model/actor.ts";
import { durationMilliseconds, iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, logFields } from "../deps.ts";
import { changeFlow, flowEntry } from "../flows/change-flow.ts";
import type { NewHold } from "./add-hold.ts";

export interface Finishing {
  /** Whether new records are queued or rejected while the flow is held. `finish` queues them, and lets runs that have begun end. */
  readonly mode: FlowItem["mode"] | "finish";
  /** How long such runs may go on, an ISO 8601 duration. If absent, until the hold ends. */
  readonly finishWithin?: string | undefined;
}

/** Returns the part of a new hold that lets runs finish: at the latest until the hold ends. `now`: epoch milliseconds. */
export const finishingHold = (
  { mode, finishWithin }: Finishing,
  now: number,
  resumeAt: string,
): { readonly finishUntil?: string } => {
  if (mode !== "finish") return {};
  const within = finishWithin === undefined ? undefined : durationMilliseconds(finishWithin);
  const end = Date.parse(resumeAt);
  return { finishUntil: iso(within === undefined ? end : Math.min(now + within, end)) };
};

/** Whether new records are queued or rejected. */
export const intakeOf = ({ mode }: Finishing): FlowItem["mode"] => (mode === "finish" ? "queue" : mode);

/**
 * Lets a drain that is under way go on beside a hold with which runs may finish: it wakes those, and starts no record. The sweeper starts
 * its next execution, which belongs to the new epoch.
 */
export const keepingDrain = (finishing: boolean): Pick<NewHold, "change"> =>
  finishing
    ? {
        change: (held, { drain }) =>
          drain === undefined
            ? held
            : { ...held, drain: { ...drain, epoch: held.epoch, attempt: 1, due: held.updatedAt } },
      }
    : {};

/** Returns the flow's holds whose time to finish is over, without the copy for gates saying so. `now`: ISO 8601. */
const isOver = (flow: FlowItem, now: string): boolean =>
  Object.values(flow.holds).some(
    ({ finishUntil, frozen }) => finishUntil !== undefined && frozen !== true && finishUntil <= now,
  );

/**
 * Writes that the time to finish is over. Gates know it without this write, other than gates inside functions with the package of release
 * 0.1. Returns false if there is nothing to write.
 */
export const freezeHolds = async (deps: HoldDependencies, flow: FlowItem): Promise<boolean> => {
  if (!isOver(flow, iso(deps.clock.now()))) return false;
  const { workspace, flowId, incarnation } = flow;
  await changeFlow(deps, { workspace, flowId, incarnation }, (current, time) => {
    const at = iso(time);
    if (!isOver(current, at)) return undefined;
    const holds = Object.fromEntries(
      Object.entries(current.holds).map(([kind, hold]) => [
        kind,
        hold.finishUntil !== undefined && hold.finishUntil <= at ? { ...hold, frozen: true } : hold,
      ]),
    );
    const next = { ...current, holds, rev: current.rev + 1, updatedAt: at };
    const reason = "The time to finish is over";
    return { next, entries: [flowEntry(current, next, { at, actor: SYSTEM, action: "freeze", reason })] };
  });
  deps.log.info("Runs may no longer finish", logFields(flow));
  return true;
};
