import type { Actor } from "../../model/actor.ts";
import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { InboxItem } from "../../model/schemas/inbox.ts";
import { inboxSources, type RunIndex } from "../../store/runs/run-index.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { HumanTask, StepItem } from "../../store/runs/step-item.ts";
import type { StepStore } from "../../store/runs/steps.ts";
import { NewestFirst } from "../runs/lists/merge-newest.ts";
import { mayAnswer, openTaskOf } from "./answer-step.ts";

export interface InboxQuery {
  readonly workspace: string;
  readonly actor: Actor;
  /** Operators and administrators also see steps without assignees. */
  readonly mayAnswerUnassigned: boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The format of a position: a time, a run, a step. */
const POSITION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36}#.{1,400}$/;
/** Maximum number of steps that one call examines. It then returns those that it has found. */
const MAX_LOOKED_AT = 500;
/** Number of items in one read from DynamoDB. */
const BATCH = 50;

/**
 * Lists the steps that wait for this person, newest first, with bounded work: a page may be short, even empty, and has the
 * position to continue from. The index only points to candidates: a step's own item and its run decide whether it still waits,
 * and for whom.
 */
export const listInbox = async (
  deps: { readonly runIndex: RunIndex; readonly steps: StepStore },
  query: InboxQuery,
): Promise<{ items: InboxItem[]; nextCursor?: string }> => {
  const { workspace, actor, limit } = query;
  const list = ["inbox", workspace, actor.kind, actor.id];
  const range = { before: readCursor(list, query.cursor, POSITION) };
  const merged = new NewestFirst(deps.runIndex, inboxSources(workspace), range, limit);
  const items: InboxItem[] = [];
  let at: string | undefined;
  for (let looked = 0; looked < MAX_LOOKED_AT && !merged.exhausted && !merged.spent; ) {
    const places = await take(merged, BATCH);
    looked += places.length;
    const waiting = await readPlaces(deps, workspace, places);
    for (const { place, run, step } of waiting) {
      at = place.position;
      const task = run && step && openTaskOf(run, step);
      if (run === undefined || step === undefined || task === undefined || !mayAnswer(task, query)) continue;
      items.push(itemOf(run, step, task));
      if (items.length === limit) return { items, nextCursor: writeCursor(list, place.position) };
    }
  }
  return merged.exhausted || at === undefined ? { items } : { items, nextCursor: writeCursor(list, at) };
};

interface Place {
  readonly position: string;
  readonly runId: string;
  readonly stepId: string;
}

const take = async (merged: NewestFirst, wanted: number): Promise<Place[]> => {
  const places: Place[] = [];
  while (places.length < wanted) {
    const found = await merged.next();
    if (found === undefined) break;
    const [, runId = "", ...step] = found.position.split("#");
    places.push({ position: found.position, runId, stepId: step.join("#") });
  }
  return places;
};

const readPlaces = async (
  { runIndex, steps }: { readonly runIndex: RunIndex; readonly steps: StepStore },
  workspace: string,
  places: readonly Place[],
) => {
  const runIds = [...new Set(places.map(({ runId }) => runId))];
  const [runs, named] = await Promise.all([
    runIndex.read(workspace, runIds),
    steps.getMany(workspace, places),
  ]);
  const byId = new Map(runs.map((run) => [run.runId, run]));
  return places.map((place) => ({
    place,
    run: byId.get(place.runId),
    step: named.get(`${place.runId}#${place.stepId}`),
  }));
};

const itemOf = (run: RunItem, step: StepItem, task: HumanTask): InboxItem => ({
  runId: run.runId,
  flowId: run.flowId,
  stepId: step.stepId,
  name: step.name,
  kind: task.kind,
  title: task.title,
  ...(task.assignees === undefined ? {} : { assignees: [...task.assignees] }),
  ...(task.form === undefined ? {} : { form: JSON.parse(task.form) as JsonObject }),
  startedBy: run.startedBy.id,
  since: task.askedAt,
});
