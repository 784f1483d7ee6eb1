import type { StartBulk } from "../../model/api/bulk-requests.ts";
import type { PreviewedRuns } from "../../model/api/responses.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { BulkDependencies, ResumePlanDependencies } from "../deps.ts";
import { ReplayPreviews } from "../dispatch/preview-replay.ts";
import { isMove } from "../repair/move-request.ts";
import { MovePreviews } from "../repair/preview-move.ts";
import type { RunPreview } from "../steps/run-preview.ts";
import { replayOptions } from "./act-on-run.ts";
import { countMatches } from "./select-runs.ts";
import { SELECT_MS } from "./start-bulk.ts";

interface BulkPreview {
  readonly matched: number;
  readonly more?: true;
  readonly possible?: number;
  readonly places?: readonly PreviewedRuns[];
}

type PreviewDependencies = BulkDependencies & ResumePlanDependencies;

/** Runs of a request's list that are read at once. */
const PAGE = 500;

/**
 * Counts the runs that the operation would select, without writing anything. If what happens to a run depends on where it stands, also
 * counts them by place.
 */
export const previewBulk = async (
  deps: PreviewDependencies,
  { workspace, asked }: { readonly workspace: string; readonly asked: StartBulk },
): Promise<BulkPreview> => {
  const { filter, runIds = [] } = asked;
  const previewOf = previewFor(deps, asked);
  const places = new Places();
  const add = async (runs: readonly RunItem[]): Promise<void> => {
    if (previewOf !== undefined)
      await forEachConcurrent(runs, { concurrency: CONCURRENCY }, async (run) =>
        places.add(run, await previewOf(run)),
      );
  };
  const until = deps.clock.now() + SELECT_MS;
  const inTime = () => deps.clock.now() < until;
  let matched = runIds.length;
  let more = false;
  if (filter !== undefined)
    ({ matched, more } = await countMatches(deps.runIndex, { workspace, filter }, inTime, add));
  else if (previewOf !== undefined) more = await eachNamed(deps, { workspace, runIds }, inTime, add);
  return {
    matched,
    ...(previewOf === undefined ? {} : places.counted),
    ...(more ? { more } : {}),
  };
};

/** Runs that are looked at in parallel. */
const CONCURRENCY = 10;

/** Returns what says of a run where it stands and what would happen to it; undefined for actions whose effect does not depend on that. */
const previewFor = (
  deps: PreviewDependencies,
  { action, at, version, from }: StartBulk,
): ((run: RunItem) => Promise<RunPreview>) | undefined => {
  if (action === "replay") {
    const previews = new ReplayPreviews(deps, replayOptions({ from, version }));
    return (run) => previews.of(run);
  }
  if (action !== "resume" || !isMove({ at, version })) return undefined;
  const previews = new MovePreviews(deps, { at, version });
  return (run) => previews.of(run);
};

/** Passes the named runs that exist to `each`, page by page. Returns whether the time was too short for all. */
const eachNamed = async (
  deps: PreviewDependencies,
  { workspace, runIds }: { readonly workspace: string; readonly runIds: readonly string[] },
  inTime: () => boolean,
  each: (runs: readonly RunItem[]) => Promise<void>,
): Promise<boolean> => {
  for (let done = 0; done < runIds.length; done += PAGE) {
    if (done > 0 && !inTime()) return true;
    await each(await deps.runIndex.read(workspace, runIds.slice(done, done + PAGE)));
  }
  return false;
};

/** Counts runs by the place at which they stand and by what would happen to them. */
class Places {
  readonly #counts = new Map<string, PreviewedRuns>();

  add({ flowId, version }: RunItem, { state, to, callsAgain, refusal }: RunPreview): void {
    const place = {
      ...{ flowId, flowVersion: version, state, possible: refusal === undefined },
      ...(refusal === undefined ? {} : { code: refusal.code, detail: refusal.message }),
      ...(to === undefined ? {} : { to: { flowVersion: to.version, state: to.state } }),
      ...(callsAgain.length === 0 ? {} : { callsAgain: [...callsAgain] }),
    };
    const key = JSON.stringify(place);
    this.#counts.set(key, { ...place, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  /** Most runs first. */
  get counted(): { readonly possible: number; readonly places: readonly PreviewedRuns[] } {
    const places = [...this.#counts.values()].sort((a, b) => b.count - a.count);
    const possible = places.reduce((sum, place) => sum + (place.possible ? place.count : 0), 0);
    return { possible, places };
  }
}
