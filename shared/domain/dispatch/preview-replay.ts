import { topLevelStateOf } from "../../asl/parse/graph.ts";
import { SluiceError } from "../../model/errors.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { FlowDependencies } from "../deps.ts";
import {
  type Destination,
  OncePerPlace,
  orRefusal,
  type RunPreview,
  tasksCalledAgain,
} from "../steps/run-preview.ts";
import { flowToReplay, type Replay, type ReplayPlace, replayPlace } from "./replay-place.ts";

type PreviewDependencies = Pick<FlowDependencies, "flows" | "versions">;

/**
 * Says what replays would do, without writing anything. Only the table is read, and each place of a version once. Whether the recorded
 * input of a state is still known is therefore not examined.
 */
export class ReplayPreviews {
  readonly #deps: PreviewDependencies;
  readonly #asked: Replay["request"];
  readonly #known = new OncePerPlace<RunPreview>();

  constructor(deps: PreviewDependencies, asked: Replay["request"]) {
    this.#deps = deps;
    this.#asked = asked;
  }

  of(run: RunItem): Promise<RunPreview> {
    const { workspace, flowId, incarnation, version, startState, machine, status } = run;
    const flow = [workspace, flowId, incarnation, version, startState ?? "", machine ?? ""];
    return this.#known.get([...flow, status, lastStateOf(run) ?? ""], () => this.#preview(run));
  }

  async #preview(run: RunItem): Promise<RunPreview> {
    const state = await stateOf(this.#deps, run);
    const found = await orRefusal(async () => {
      const flow = await flowToReplay(this.#deps, run);
      return replayPlace(this.#deps, { request: this.#asked, old: run, flow }, async () => lastStateOf(run));
    });
    if (found instanceof SluiceError) return { state, callsAgain: [], refusal: found };
    return { state, ...(await effectOf(this.#deps, run, found)) };
  }
}

/** Returns where the new run begins, and the tasks that the old run may have called and that it calls again. */
export const effectOf = async (
  deps: PreviewDependencies,
  run: RunItem,
  place: ReplayPlace,
): Promise<{ readonly to: Destination; readonly callsAgain: readonly string[] }> => {
  const to = { version: place.version.version, state: place.state ?? String(place.definition["StartAt"]) };
  if (run.startedAt === undefined) return { to, callsAgain: [] };
  const from = { version: run.version, state: await stateOf(deps, run), entered: true };
  return { to, callsAgain: await tasksCalledAgain(deps, run, from, to) };
};

/** Returns the state that a run that has ended had reached; undefined at the end of the flow. */
const lastStateOf = ({ status, error, currentStep }: RunItem): string | undefined => {
  if (status === "completed") return undefined;
  return error?.state === undefined || error.state === "" ? currentStep?.name : error.state;
};

/** Returns the top-level state that a run that has ended had reached; "" at the end of the flow. */
const stateOf = async ({ versions }: PreviewDependencies, run: RunItem): Promise<string> => {
  const name = lastStateOf(run);
  if (name === undefined) return "";
  return topLevelStateOf(await versions.text(run, run.version, "user"), name) ?? "";
};
