import { isGenerated } from "../../asl/gates/generated-names.ts";
import { THE_END, variablesOf } from "../../asl/history/continue-as-new.ts";
import { machineOf } from "../../asl/parse/graph.ts";
import { SluiceError } from "../../model/errors.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumePlanDependencies } from "../deps.ts";
import { stepInProgress } from "../refusals.ts";
import { refuseAction } from "../runs/apply-action.ts";
import { standsOnError } from "../runs/status-change.ts";
import { OncePerPlace, orRefusal, type RunPreview, tasksCalledAgain } from "../steps/run-preview.ts";
import { type MoveRequest, startsOnLatest } from "./move-request.ts";
import { refuseAwaited } from "./move-run.ts";
import { accessAtResume } from "./resume-access.ts";
import { newestPark, refuseQueued, type Stand } from "./stand.ts";
import { findTarget, type Target } from "./target.ts";

/** The destination of all runs that stand at one place. */
type Found = Pick<Target, "version" | "runAs" | "at"> & Pick<RunPreview, "callsAgain">;

/**
 * Says what resumes elsewhere would do, without writing anything. Only the table is read, and each place of a version once. Whether a run
 * that is inside branches stands as a whole is therefore only known if it has been read before.
 */
export class MovePreviews {
  readonly #deps: ResumePlanDependencies;
  readonly #asked: MoveRequest;
  readonly #known = new OncePerPlace<Found | SluiceError>();

  constructor(deps: ResumePlanDependencies, asked: MoveRequest) {
    this.#deps = deps;
    this.#asked = asked;
  }

  async of(run: RunItem): Promise<RunPreview> {
    const place = await placeOf(this.#deps, run);
    const state = place?.state ?? "";
    const effect = await orRefusal(() => this.#effect(run, place));
    if (effect instanceof SluiceError) return { state, callsAgain: [], refusal: effect };
    return { state, ...effect };
  }

  async #effect(run: RunItem, place: Place | undefined): Promise<Pick<RunPreview, "to" | "callsAgain">> {
    refuseAction(run, "resume");
    if (startsOnLatest(run, this.#asked)) return { callsAgain: [] };
    refuseAwaited(run, this.#asked);
    refuseQueued(run);
    if (run.parkedAt === undefined || place === undefined) throw stepInProgress();
    const { workspace, flowId, incarnation, version, startState } = run;
    const key = [workspace, flowId, incarnation, version, startState !== undefined, place];
    const found = await this.#known.get(key, () => orRefusal(() => this.#find(run, place)));
    if (found instanceof SluiceError) throw found;
    const to = { version: found.version, state: found.at };
    await accessAtResume(this.#deps, run, false, { ...to, runAs: found.runAs });
    return { to, callsAgain: found.callsAgain };
  }

  async #find(run: RunItem, place: Place): Promise<Found> {
    const own = machineOf(await this.#deps.versions.text(run, run.version, "user"));
    const kept = own === undefined ? [] : variablesOf(own).kept;
    // Only the history shows which variables have values. Those that the run's own version assigns count as known.
    const type = own?.top.states.get(place.state)?.type;
    const branches = place.branches || (place.entered && (type === "Parallel" || type === "Map"));
    const stand: Stand = {
      ...place,
      branches,
      input: "",
      variables: new Map(kept.map((name) => [name, ""])),
    };
    const { version, runAs, at } = await findTarget(this.#deps, run, stand, this.#asked);
    const from = { ...place, version: run.version };
    const callsAgain = await tasksCalledAgain(this.#deps, run, from, { version, state: at });
    return { version, runAs, at, callsAgain };
  }
}

/** `entered`: the state itself has begun. */
type Place = Pick<Stand, "state" | "branches"> & { readonly entered: boolean };

/** Returns the place at which a run stands, as far as the table shows it; undefined if it has not begun. */
const placeOf = async (deps: ResumePlanDependencies, run: RunItem): Promise<Place | undefined> => {
  if (standsOnError(run)) return { state: run.pausedBy?.state ?? "", branches: false, entered: true };
  const mayBeParked = run.status === "paused" && run.neverParked !== true;
  const park = mayBeParked ? await newestPark(deps, run) : undefined;
  if (park !== undefined) {
    const state = isGenerated(park.state) ? THE_END : park.state;
    return { state, branches: false, entered: false };
  }
  const { currentStep } = run;
  return currentStep && { state: currentStep.name, branches: true, entered: true };
};
