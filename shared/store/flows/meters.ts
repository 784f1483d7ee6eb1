import { type WindowUnit, windowStart } from "../../model/time/windows.ts";
import type { Change, Clause } from "../expressions.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

export const METER_KINDS = [
  "throughput",
  "spend",
  "failures",
  "completions",
  "rampFailures",
  "rampCompletions",
] as const;
export type MeterKind = (typeof METER_KINDS)[number];
/** A window, or the whole era. */
type MeterUnit = WindowUnit | "era";
interface MeteredFlow {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  /** See `FlowItem`. */
  readonly errorsEra?: number;
  readonly ramp?: { readonly era: number };
}
/** The usage in one window. `windowStart`: ISO 8601. */
export interface Reading {
  readonly used: number;
  readonly windowStart: string;
}
/** The maximum usage that a cap allows in a window. */
export interface MeterLimit {
  readonly unit: WindowUnit;
  readonly limit: number;
}

/** Windows of throughput and spend are counted from the first run on, whether or not a cap is set. */
const UNITS: Readonly<Record<MeterKind, readonly MeterUnit[]>> = {
  throughput: ["minute", "hour", "day"],
  spend: ["day", "month"],
  failures: ["minute", "hour", "day"],
  completions: ["minute", "hour", "day"],
  rampFailures: ["era"],
  rampCompletions: ["era"],
};
/** Each rejected write means that another write succeeded, or that a window ended. */
const TRIES = 50;
/** The table stores decimal numbers. Rounding to this many digits removes the binary rounding errors of a difference. */
const DIGITS = 12;

const startField = (unit: MeterUnit): string => `${unit}Start`;
const usedField = (unit: MeterUnit): string => `${unit}Used`;

/**
 * The stored start of a window: its time, after the era if the flow has one. It compares as text: a later era is newer than every window
 * of an earlier one, even if clocks differ.
 */
const startIn = (era: number | undefined, unit: MeterUnit, now: number): string =>
  `${era === undefined ? "" : `E${String(era).padStart(ERA_DIGITS, "0")}#`}${startOf(unit, now)}`;
/** An era has no windows in it: the epoch stands for its start. */
const startOf = (unit: MeterUnit, now: number): string =>
  unit === "era" ? windowStart("month", 0) : windowStart(unit, now);
const ERA_DIGITS = 12;

/** The era of a meter that begins anew with each. */
const eraOf = (kind: MeterKind, { errorsEra, ramp }: MeteredFlow): number | undefined => {
  if (kind === "failures" || kind === "completions") return errorsEra;
  return kind === "rampFailures" || kind === "rampCompletions" ? ramp?.era : undefined;
};

/** Reads usage from a meter's item. A window without usage reads 0. */
export class MeterReadings {
  readonly #item: Item;
  readonly #era: number | undefined;
  constructor(item: Item | undefined, era?: number) {
    this.#item = item ?? {};
    this.#era = era;
  }

  /** `now`: epoch milliseconds. */
  of(unit: MeterUnit, now: number): Reading {
    const stored = this.#item[startField(unit)];
    if (isOlder(stored, startIn(this.#era, unit, now))) return { used: 0, windowStart: startOf(unit, now) };
    return { used: Number(this.#item[usedField(unit)]), windowStart: String(stored).replace(/^.*#/, "") };
  }

  /** The era that is stored: that of the flow, or a later one that another writer has begun. */
  get era(): number | undefined {
    const [, era] = /^E(\d+)#/.exec(String(this.#item[startField("day")])) ?? [];
    return era === undefined ? undefined : Number(era);
  }
}

/**
 * Meters: one small item each, with the start of every current window and the usage in it, so that one write counts in all
 * windows and returns the sums. The first write after a window's end begins the next window.
 */
export class MeterStore extends TableStore {
  async read(flow: MeteredFlow, kind: MeterKind): Promise<MeterReadings> {
    return new MeterReadings(await this.table.get(keyOf(flow, kind)), eraOf(kind, flow));
  }

  /** Returns these meters of each flow, in the order given. */
  async readMany<Flow extends MeteredFlow>(
    flows: readonly Flow[],
    kindsOf: (flow: Flow) => readonly MeterKind[],
  ): Promise<Partial<Record<MeterKind, MeterReadings>>[]> {
    const wanted = flows.flatMap((flow) => kindsOf(flow).map((kind) => keyOf(flow, kind)));
    const items = new Map(
      (await this.table.getMany(wanted)).map((item) => [`${item["PK"]} ${item["SK"]}`, item]),
    );
    const reading = (flow: Flow, kind: MeterKind) => {
      const { PK, SK } = keyOf(flow, kind);
      return [kind, new MeterReadings(items.get(`${PK} ${SK}`), eraOf(kind, flow))] as const;
    };
    return flows.map((flow) => Object.fromEntries(kindsOf(flow).map((kind) => reading(flow, kind))));
  }

  /**
   * Counts `amount` at `now` (epoch milliseconds) in every window. With a limit, returns undefined and counts nothing if the
   * amount would exceed it. A write whose response is lost may count twice, but is never lost.
   */
  async add(
    flow: MeteredFlow,
    kind: MeterKind,
    amount: number,
    now: number,
    limit?: MeterLimit,
  ): Promise<MeterReadings | undefined> {
    const key = keyOf(flow, kind);
    const era = eraOf(kind, flow);
    const starts = UNITS[kind].map((unit) => [unit, startIn(era, unit, now)] as const);
    let change = counting(starts, amount, limit);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const written = await this.table.update(key, change);
      if (written.ok) return new MeterReadings(written.item, era);
      const { old } = written;
      const turned = starts.filter(([unit, start]) => isOlder(old?.[startField(unit)], start));
      if (turned.length > 0) {
        if (limit !== undefined && isFullAfter(turned, old, amount, limit)) return undefined;
        change = turning(starts, turned, old, amount, limit);
        continue;
      }
      const counted = starts.map(([unit]) => [unit, String(old?.[startField(unit)])] as const);
      if (limit !== undefined && isFull(old, amount, limit)) return undefined;
      change = counting(counted, amount, limit);
    }
    throw new Error(`The ${kind} meter changed during each of ${TRIES} attempts to count`);
  }
}

const keyOf = ({ workspace, flowId, incarnation }: MeteredFlow, kind: MeterKind) =>
  keys.meter(workspace, flowId, incarnation, kind);

/** A clock that is ahead may have begun a later window. Usage is then counted in that window. */
const isOlder = (stored: unknown, start: string): boolean => typeof stored !== "string" || stored < start;

const room = (amount: number, { limit }: MeterLimit): number => Number((limit - amount).toFixed(DIGITS));

const isFull = (item: Item | undefined, amount: number, limit: MeterLimit): boolean =>
  Number(item?.[usedField(limit.unit)]) > room(amount, limit);

/** Whether the limit is reached once the windows that have ended are new: a new one contains nothing but this amount. */
const isFullAfter = (turned: Starts, old: Item | undefined, amount: number, limit: MeterLimit): boolean =>
  turned.some(([unit]) => unit === limit.unit) ? amount > limit.limit : isFull(old, amount, limit);

type Starts = readonly (readonly [MeterUnit, string])[];

/** This window is still the current one. */
const sameWindow = (unit: MeterUnit, start: unknown): Clause => {
  const names = { [`#${startField(unit)}`]: startField(unit) };
  return typeof start === "string"
    ? { text: `#${startField(unit)} = :is_${unit}`, names, values: { [`:is_${unit}`]: start } }
    : { text: `attribute_not_exists(#${startField(unit)})`, names };
};

const withinLimit = (amount: number, limit: MeterLimit): Clause => ({
  text: "#limited <= :room",
  names: { "#limited": usedField(limit.unit) },
  values: { ":room": room(amount, limit) },
});

const adding = (starts: Starts, amount: number): Record<string, number> =>
  Object.fromEntries(starts.map(([unit]) => [usedField(unit), amount]));

/** The common case: no window has ended. */
const counting = (starts: Starts, amount: number, limit: MeterLimit | undefined): Change => ({
  add: adding(starts, amount),
  when: [
    ...starts.map(([unit, start]) => sameWindow(unit, start)),
    ...(limit === undefined ? [] : [withinLimit(amount, limit)]),
  ],
});

/** Begins the next window if one has ended, with this amount, and counts it in the others. */
const turning = (
  starts: Starts,
  turned: Starts,
  old: Item | undefined,
  amount: number,
  limit: MeterLimit | undefined,
): Change => {
  const begun = turned.map(([unit]) => unit);
  const goOn = starts.filter(([unit]) => !begun.includes(unit));
  const limited = limit !== undefined && goOn.some(([unit]) => unit === limit.unit);
  return {
    set: Object.fromEntries(
      turned.flatMap(([unit, start]) => [
        [startField(unit), start],
        [usedField(unit), amount],
      ]),
    ),
    add: adding(goOn, amount),
    when: [
      ...starts.map(([unit]) => sameWindow(unit, old?.[startField(unit)])),
      ...(limited ? [withinLimit(amount, limit)] : []),
    ],
  };
};
