import { type Action, BULK } from "./command.ts";
import { waitingRuns } from "./slots.ts";
import { isHeld, type Model, type ModelFlow } from "./state.ts";

/** Counts from the newest run, like a command, to the newest one that a user or an error paused, since few are. */
export const newestPaused = (model: Model): number | undefined => {
  const runs = Object.values(model.runs).toReversed();
  const at = runs.findIndex((run) => run.deletedAt === undefined && (run.userPaused || run.halted));
  return at === -1 ? undefined : at;
};

/** Whether the model knows the outcome. A flow whose machine has no gates at this moment starts no run. */
export const isPlayedOn = ({ kind, bound }: ModelFlow, action: Action): boolean => {
  if (action.do === "attach") return kind !== "published";
  if (action.do === "start") return bound;
  if (action.do === "detach") return kind === "attached" && bound;
  if (kind === "published") return true;
  // Bulk operations leave no execution that somebody may wait for, and a later one nobody does.
  if (action.do === "bulk" && MOVES.has(action.action)) return false;
  if (bound) return true;
  if (action.do === "plan pause" && action.at !== undefined) return false;
  return action.do === "bulk" ? BULK[action.action].action !== "replay" : !STARTS.has(action.do);
};
const MOVES: ReadonlySet<string> = new Set([...["resume on the same", "resume on the latest"]]);
const STARTS: ReadonlySet<Action["do"]> = new Set([
  ...([
    "publish",
    "activate",
    "dispatch",
    "batch",
    "replay",
    "delete flow",
    "hold failures",
    "hold step",
    "fire",
  ] as const),
]);

type LimitAction = Extract<Action, { do: "limit" }>;
/**
 * Adjusts a change of a limit for which runs wait; undefined if it is not played. The key stays, since keys are visited in an order of the
 * product's own. Under a hold, nobody visits them until an end comes, or the sweeper.
 */
export const fittingLimit = (model: Model, action: LimitAction, flow: ModelFlow): LimitAction | undefined => {
  const { limit } = flow;
  if (limit === undefined || waitingRuns(model, flow).length === 0) return action;
  const isWider = action.most === null || action.most > limit.most;
  return isWider && isHeld(flow) ? undefined : { ...action, byDigit: limit.byDigit };
};
