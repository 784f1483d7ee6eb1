import type { ListedStep } from "../../../api/steps.ts";

type Compared = Pick<
  ListedStep,
  "stepId" | "name" | "branch" | "status" | "startedAt" | "endedAt" | "input" | "output" | "error"
>;

/** The parts of a step that can differ from those of its counterpart. */
type Part = "status" | "input" | "output" | "error";

/** A step of either run, with its counterpart in the other. */
export interface Pair<S extends Compared = ListedStep> {
  readonly key: string;
  readonly name: string;
  readonly branch?: string;
  /** The number of the visit, if the state was entered several times. */
  readonly visit: number;
  readonly own?: S;
  readonly other?: S;
  readonly differs: readonly Part[];
}

/**
 * Puts the steps of two runs side by side: the n-th visit of a state, in the same branch or iteration, has its counterpart in the n-th of
 * the other run. The order is that of the first run; steps that only the other one has are last.
 */
export const alignSteps = <S extends Compared>(own: readonly S[], other: readonly S[]): Pair<S>[] => {
  const others = byPlace(other);
  const pairs: Pair<S>[] = [];
  for (const [key, { step, visit }] of byPlace(own)) {
    const counterpart = others.get(key)?.step;
    others.delete(key);
    pairs.push(pairOf(key, visit, step, counterpart));
  }
  for (const [key, { step, visit }] of others) pairs.push(pairOf(key, visit, undefined, step));
  return pairs;
};

const byPlace = <S extends Compared>(
  steps: readonly S[],
): Map<string, { readonly step: S; readonly visit: number }> => {
  const counts = new Map<string, number>();
  const found = new Map<string, { readonly step: S; readonly visit: number }>();
  for (const step of steps) {
    const place = JSON.stringify([step.branch ?? "", step.name]);
    const visit = (counts.get(place) ?? 0) + 1;
    counts.set(place, visit);
    found.set(`${place}${visit}`, { step, visit });
  }
  return found;
};

const pairOf = <S extends Compared>(
  key: string,
  visit: number,
  own: S | undefined,
  other: S | undefined,
): Pair<S> => {
  const { name = "", branch } = own ?? other ?? {};
  const parts: readonly Part[] = ["status", "input", "output", "error"];
  const differs =
    own === undefined || other === undefined
      ? []
      : parts.filter((part) => textOf(own[part]) !== textOf(other[part]));
  return {
    ...{ key, name, visit, differs },
    ...(branch === undefined ? {} : { branch }),
    ...(own === undefined ? {} : { own }),
    ...(other === undefined ? {} : { other }),
  };
};

/** JSON text with the fields in the order of their names. */
export const textOf = (value: unknown): string | undefined => JSON.stringify(value, sorted, 2);

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [two]) => (one < two ? -1 : 1)))
    : value;

/** Whether the runs differ in this step. */
export const isDifferent = ({ own, other, differs }: Pair<Compared>): boolean =>
  own === undefined || other === undefined || differs.length > 0;
