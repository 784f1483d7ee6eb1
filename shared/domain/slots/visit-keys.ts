import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { EndDependencies } from "../deps.ts";
import { passOnSlots } from "./pass-on-slot.ts";

interface Visit {
  /** The last key that an earlier call has finished. */
  readonly after: string | undefined;
  /** Maximum number of runs that get their turn. */
  readonly max: number;
  readonly mayContinue: () => Promise<boolean>;
}

/** The runs that got their turn, and the last key that was finished, if some are left. */
export interface Visited {
  readonly given: number;
  readonly rest?: { readonly after: string | undefined };
}

/** Keys between two calls of `mayContinue`. */
const CHUNK = 50;

/** Visits the keys for which runs wait, and gives what is free to them under the current limit. */
export const visitKeys = async (
  deps: EndDependencies,
  flow: FlowIdentity,
  { after, max, mayContinue }: Visit,
): Promise<Visited> => {
  let given = 0;
  let last = after;
  let visited = 0;
  for await (const id of deps.slotQueues.keys(flow, after)) {
    if (visited % CHUNK === 0 && visited > 0 && !(await mayContinue()))
      return { given, rest: { after: last } };
    given += await passOnSlots(deps, flow, id, { max: max - given });
    // The key may have more.
    if (given >= max) return { given, rest: { after: last } };
    last = id;
    visited += 1;
  }
  return { given };
};

/** Starts everything that waits for a slot of a deleted flow, and deletes its keys. */
export const emptySlots = async (deps: EndDependencies, flow: FlowIdentity): Promise<void> => {
  for await (const id of deps.slotQueues.keys(flow)) await passOnSlots(deps, flow, id);
  await deps.slots.purge(flow);
};
