import { callsAgain } from "../../asl/calls-again.ts";
import { machineOf } from "../../asl/parse/graph.ts";
import { SluiceError } from "../../model/errors.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";

/** A version, and one of its top-level states. */
export interface Destination {
  readonly version: number;
  readonly state: string;
}

/** The place of a run, and what an action would do with it. */
export interface RunPreview {
  /** The top-level state that the run has reached. "" if it has not begun, or is at the end of the flow. */
  readonly state: string;
  /** The place at which it would continue or begin. */
  readonly to?: Destination;
  /** Tasks that the run may have called and that would be called again. */
  readonly callsAgain: readonly string[];
  /** The reason why the action is not possible. */
  readonly refusal?: SluiceError;
}

/** Returns a refusal as a value. Other errors are thrown. */
export const orRefusal = async <Result>(work: () => Promise<Result>): Promise<Result | SluiceError> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
};

/** Does work once for each place, since thousands of runs are at few of them. */
export class OncePerPlace<Result> {
  readonly #known = new Map<string, Promise<Result>>();

  get(place: readonly unknown[], work: () => Promise<Result>): Promise<Result> {
    const key = JSON.stringify(place);
    const result = this.#known.get(key) ?? work();
    this.#known.set(key, result);
    return result;
  }
}

/** Returns the tasks that would be called again. `entered`: whether the state that the run has reached has begun. */
export const tasksCalledAgain = async (
  { versions }: Pick<FlowDependencies, "versions">,
  flow: FlowIdentity,
  from: Destination & { readonly entered: boolean },
  to: Destination,
): Promise<string[]> => {
  const before = machineOf(await versions.text(flow, from.version, "user"));
  const after = machineOf(await versions.text(flow, to.version, "user"));
  return before === undefined || after === undefined
    ? []
    : callsAgain(before, from, { machine: after, at: to.state });
};
