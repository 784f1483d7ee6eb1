import { callsAgain } from "../../asl/calls-again.ts";
import { isGenerated } from "../../asl/gates/generated-names.ts";
import { THE_END, variablesOf } from "../../asl/history/continue-as-new.ts";
import { machineOf } from "../../asl/parse/graph.ts";
import { SluiceError } from "../../model/errors.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { stepInProgress } from "../refusals.ts";
import { refuseAction } from "../runs/apply-action.ts";
import { standsOnError } from "../runs/status-change.ts";
import { type MoveRequest, startsOnLatest } from "./move-request.ts";
import { refuseAttached } from "./move-run.ts";
import { accessAtResume } from "./resume-access.ts";
import { newestPark, refuseQueued, type Stand } from "./stand.ts";
import { findTarget, type Target } from "./target.ts";

/** The place of a run, and what a resume elsewhere would do with it. */
export interface MovePreview {
  /** A top-level state; "" for a run that has not begun, or that is at the end of the flow. */
  readonly state: string;
  /** Tasks that the run may have called and reaches again. */
  readonly callsAgain: readonly string[];
  /** Why it cannot continue there. */
  readonly refusal?: SluiceError;
}

/** The destination of all runs that stand at one place; a refusal if they have none. */
type Destination = SluiceError | (Pick<Target, "version" | "runAs" | "at"> & Pick<MovePreview, "callsAgain">);

/**
 * Says what resumes elsewhere would do, without writing anything. Only the table is read, and each place of a version once, since thousands
 * of runs stand at few places. Whether a run that is inside branches stands as a whole is therefore only known if it has been read before.
 */
export class MovePreviews {
  readonly #deps: ResumeRunDependencies;
  readonly #asked: MoveRequest;
  readonly #known = new Map<string, Promise<Destination>>();

  constructor(deps: ResumeRunDependencies, asked: MoveRequest) {
    this.#deps = deps;
    this.#asked = asked;
  }

  async of(run: RunItem): Promise<MovePreview> {
    const place = await placeOf(this.#deps, run);
    const state = place?.state ?? "";
    try {
      return { state, callsAgain: await this.#callsAgain(run, place) };
    } catch (error) {
      if (error instanceof SluiceError) return { state, callsAgain: [], refusal: error };
      throw error;
    }
  }

  async #callsAgain(run: RunItem, place: Place | undefined): Promise<readonly string[]> {
    refuseAction(run, "resume");
    if (startsOnLatest(run, this.#asked)) return [];
    refuseAttached(run, this.#asked);
    refuseQueued(run);
    if (run.parkedAt === undefined || place === undefined) throw stepInProgress();
    const to = await this.#destination(run, place);
    if (to instanceof SluiceError) throw to;
    await accessAtResume(this.#deps, run, false, { version: to.version, runAs: to.runAs, state: to.at });
    return to.callsAgain;
  }

  #destination(run: RunItem, place: Place): Promise<Destination> {
    const { workspace, flowId, incarnation, version, startState } = run;
    const key = JSON.stringify([workspace, flowId, incarnation, version, startState !== undefined, place]);
    const known = this.#known.get(key) ?? this.#find(run, place);
    this.#known.set(key, known);
    return known;
  }

  async #find(run: RunItem, place: Place): Promise<Destination> {
    const before = machineOf(await this.#deps.versions.text(run, run.version, "user"));
    const kept = before === undefined ? [] : variablesOf(before).kept;
    // Only the history shows which variables have values. Those that the run's own version assigns count as known.
    const stand: Stand = { ...place, input: "", variables: new Map(kept.map((name) => [name, ""])) };
    try {
      const { version, runAs, at } = await findTarget(this.#deps, run, stand, this.#asked);
      const after = machineOf(await this.#deps.versions.text(run, version, "user"));
      const again =
        before === undefined || after === undefined ? [] : callsAgain(before, place, { machine: after, at });
      return { version, runAs, at, callsAgain: again };
    } catch (error) {
      if (error instanceof SluiceError) return error;
      throw error;
    }
  }
}

/** `entered`: the state itself has begun. */
type Place = Pick<Stand, "state" | "branches"> & { readonly entered: boolean };

/** Returns the place at which a run stands, as far as the table shows it; undefined if it has not begun. */
const placeOf = async (deps: ResumeRunDependencies, run: RunItem): Promise<Place | undefined> => {
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
