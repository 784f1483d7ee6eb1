import { isDeepStrictEqual } from "node:util";
import { payloadExpressionError } from "../../asl/payload/payload-expression.ts";
import type { Actor } from "../../model/actor.ts";
import type { Caps } from "../../model/schemas/flow.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { MeterReadings } from "../../store/flows/meters.ts";
import type { HoldDependencies, LiftDependencies } from "../deps.ts";
import type { FlowRequest } from "../flows/change-flow.ts";
import { changeFlow, flowEntry } from "../flows/change-flow.ts";
import { readFlow } from "../flows/read-flows.ts";
import { invalidSlotKey } from "../hold-refusals.ts";
import { errorCapText } from "./error-cap.ts";
import { afterLift, withoutHolds } from "./lift-hold.ts";
import { newDrain } from "./start-drain.ts";

export interface CapsRequest extends FlowRequest {
  readonly actor: Actor;
  /** An omitted cap stays. Null removes it. */
  readonly caps: Caps;
}

const SPEND_CAP: Actor = { kind: "cap", id: "spend" };

/**
 * Sets the flow's caps. Raising a spend cap above its meter lifts the cap's hold in the same write. A cap that is lowered below
 * its meter takes effect at the next gate or dispatch. If nothing changes, nothing is written.
 */
export const putCaps = async (
  deps: LiftDependencies & HoldDependencies,
  asked: CapsRequest,
): Promise<FlowItem> => {
  const { workspace, flowId, ifMatch, actor } = asked;
  const key = asked.caps.concurrency?.key;
  const error = key === undefined ? undefined : payloadExpressionError(key);
  if (error !== undefined) throw invalidSlotKey(error);
  const { incarnation } = await readFlow(deps, workspace, flowId);
  const spent = await deps.meters.read({ workspace, flowId, incarnation }, "spend");
  const { was, next } = await changeFlow(
    deps,
    { workspace, flowId, incarnation, ifMatch },
    (current, now) => {
      const caps = merged(current.caps, asked.caps);
      if (isDeepStrictEqual(current.caps, caps)) return undefined;
      const at = iso(now);
      const set = withLimit(current, { ...current, caps, updatedAt: at, rev: current.rev + 1 }, now);
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
  await afterLift(deps, was, next);
  return next;
};

/**
 * Adds the intent to drain if the new concurrency limit lets runs start that wait under the old one. While the flow is held, the drain
 * that follows the lift of its holds does this.
 */
const withLimit = (was: FlowItem, next: FlowItem, now: number): FlowItem => {
  const old = was.caps.concurrency;
  const limit = next.caps.concurrency;
  if (isDeepStrictEqual(old, limit)) return next;
  const limited: FlowItem = { ...next, limited: true };
  const isWider = old != null && (limit == null || limit.limit > old.limit || limit.key !== old.key);
  if (!isWider || Object.keys(next.holds).length > 0) return limited;
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
