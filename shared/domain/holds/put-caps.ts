import { isDeepStrictEqual } from "node:util";
import { payloadExpressionError } from "../../asl/payload/payload-expression.ts";
import type { Actor } from "../../model/actor.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { MeterReadings } from "../../store/flows/meters.ts";
import { type LiftDependencies, orWarn } from "../deps.ts";
import type { FlowRequest } from "../flows/change-flow.ts";
import { changeFlow, flowEntry } from "../flows/change-flow.ts";
import { readFlow } from "../flows/read-flows.ts";
import { invalidSlotKey } from "../hold-refusals.ts";
import { type CountDependencies, countOpenRuns } from "../slots/count-open-runs.ts";
import { errorCapText } from "./error-cap.ts";
import { afterLift, withoutHolds } from "./lift-hold.ts";
import { newDrain } from "./start-drain.ts";

export interface CapsRequest extends FlowRequest {
  readonly actor: Actor;
  /** An omitted cap stays. Null removes it. */
  readonly caps: Caps;
}

/** A request counts runs for so long; the drain continues. */
const COUNT_MS = 3_000;
const SPEND_CAP: Actor = { kind: "cap", id: "spend" };

/**
 * Sets the flow's caps. Raising a spend cap above its meter lifts the cap's hold in the same write. A cap that is lowered below
 * its meter takes effect at the next gate or dispatch. If nothing changes, nothing is written.
 */
export const putCaps = async (
  deps: LiftDependencies & CountDependencies,
  asked: CapsRequest,
): Promise<FlowItem> => {
  const { workspace, flowId, ifMatch, actor } = asked;
  const key = asked.caps.concurrency?.key;
  const error = key === undefined ? undefined : payloadExpressionError(key);
  if (error !== undefined) throw invalidSlotKey(error);
  const { incarnation } = await readFlow(deps, workspace, flowId);
  const spent = await deps.meters.read({ workspace, flowId, incarnation }, "spend");
  const mark = deps.ids.unique();
  const { was, next } = await changeFlow(
    deps,
    { workspace, flowId, incarnation, ifMatch },
    (current, now) => {
      const caps = merged(current.caps, asked.caps);
      if (isDeepStrictEqual(current.caps, caps)) return undefined;
      const at = iso(now);
      const set = withLimit(current, { ...current, caps, updatedAt: at, rev: current.rev + 1 }, now, mark);
      const change = flowEntry(current, set, {
        ...{ at, actor, action: "caps", rev: set.rev },
        reason: capsText(caps),
      });
      const { spend: hold } = current.holds;
      if (hold === undefined || !opens(current.caps, caps, spent, now)) {
        return { next: set, entries: [change] };
      }
      const open = { ...withoutHolds(set, [hold.id], now), rev: set.rev + 1 };
      const reason = caps.spend == null ? "Spend cap removed" : "Spend cap raised above the meter";
      const lift = flowEntry(set, open, { at, actor: SPEND_CAP, action: "lift", rev: open.rev, reason });
      return { next: open, entries: [change, lift] };
    },
  );
  const counted = await countAtOnce(deps, was, next);
  await afterLift(deps, was, counted);
  return counted;
};

/**
 * Counts the runs that are under way against a limit that was set just now, so that the next dispatch finds it full. The write of the limit
 * comes first, with the intent to drain: what this call has no time for, or leaves when it dies, is done by the drain. If nothing can wait,
 * not even for a slot that this call claimed and gave back, the drain has nothing else to do, and ends here. Returns the flow afterwards.
 */
const countAtOnce = async (
  deps: CountDependencies & LiftDependencies,
  was: FlowItem,
  next: FlowItem,
): Promise<FlowItem> => {
  if (next.uncounted === undefined || next.uncounted === was.uncounted) return next;
  const until = deps.clock.now() + COUNT_MS;
  const failed = "The runs under way could not be counted; the drain will do it";
  const counted = await orWarn(deps, next, failed, async () => {
    const pass = { from: undefined, mayContinue: async () => deps.clock.now() < until };
    const { rest, hasFreed } = await countOpenRuns(deps, next, pass);
    if (rest !== undefined) return undefined;
    const isAlone = was.drain === undefined && was.limited !== true && next.drain !== undefined;
    return deps.flows.endCount(next, isAlone && !hasFreed);
  });
  return counted ?? next;
};

/**
 * Adds the intent to drain if the new concurrency limit lets runs start that wait under the old one, or has to count those that are under
 * way. While the flow is held, the drain
 * that follows the lift of its holds does this.
 */
const withLimit = (was: FlowItem, next: FlowItem, now: number, mark: string): FlowItem => {
  const old = was.caps.concurrency;
  const limit = next.caps.concurrency;
  if (isDeepStrictEqual(old, limit)) return next;
  const { uncounted: before, ...rest } = next;
  const isNew = limit != null && (old == null || limit.key !== old.key);
  const uncounted = isNew ? mark : limit == null ? undefined : before;
  const limited: FlowItem = { ...rest, limited: true, ...(uncounted === undefined ? {} : { uncounted }) };
  const isWider = old != null && (limit == null || limit.limit > old.limit);
  if (!(isWider || isNew) || Object.keys(next.holds).length > 0) return limited;
  const epoch = next.epoch + 1;
  return { ...limited, epoch, drain: newDrain(epoch, now, next.drain?.rate) };
};

const merged = (old: Caps, asked: Caps): Caps => {
  const { throughput, spend, errors, concurrency } = { ...old, ...asked };
  return {
    ...(throughput == null ? {} : { throughput }),
    ...(spend == null ? {} : { spend }),
    ...(errors == null ? {} : { errors }),
    ...(concurrency == null ? {} : { concurrency }),
  };
};

/**
 * Whether the change removes the reason for the spend hold. A cap with another period is a new cap. If it is reached too, it
 * places a new hold.
 */
const opens = (old: Caps, caps: Caps, spent: MeterReadings, now: number): boolean => {
  if (caps.spend == null || caps.spend.period !== old.spend?.period) return true;
  const { limit, period } = caps.spend;
  return limit > old.spend.limit && limit > spent.of(period, now).used;
};

const concurrencyText = ({ limit, key }: NonNullable<Caps["concurrency"]>): string =>
  `concurrency ${limit}${key === undefined ? "" : ` per ${key}`}`;

const capsText = ({ throughput, spend, errors, concurrency }: Caps): string =>
  [
    throughput == null ? "no throughput cap" : `throughput ${throughput.limit} per ${throughput.per}`,
    spend == null ? "no spend cap" : `spend ${spend.limit} per ${spend.period}`,
    errors == null ? "no error cap" : `errors ${errorCapText(errors)}`,
    ...(concurrency == null ? [] : [concurrencyText(concurrency)]),
  ].join(", ");
