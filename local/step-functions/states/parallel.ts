import type { Json } from "../../../shared/model/json/json.ts";
import { argumentsOf, effectiveInput, finishWith, outputText } from "../interpreter/input-output.ts";
import type { Effect, StateDeps, StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";

/** The outputs of the finished threads, in order; null for a tolerated failure. */
export function results(visit: Visit, deps: StateDeps): Json[] {
  return deps.frames.children(visit.frame.id).map((child) => {
    const outcome = deps.frames.outcome(child);
    return outcome && "output" in outcome ? outcome.output : null;
  });
}

/** Leaves a Parallel or Map whose threads are done; `succeeded` are the history events to record. */
export const join = (
  visit: Visit,
  deps: StateDeps,
  succeeded: readonly string[],
  result: Json,
): MaybePromise<Effect> =>
  andThen(finishWith(visit, deps, result), (leave) => (frame) => {
    for (const event of succeeded.slice(0, -1)) deps.history.record(frame, event);
    // As recorded from the service: nothing follows the state's success in the chain of events.
    const before = frame.lastEvent;
    for (const event of succeeded.slice(-1)) deps.history.record(frame, event);
    frame.lastEvent = before;
    deps.frames.deleteTree(frame.id);
    leave(frame);
  });

export const parallel: StateModule = {
  run(visit, deps) {
    const input = argumentsOf(visit, visit.scope({ input: effectiveInput(visit) }));
    return andThen(input, (value) => {
      const text = outputText(visit, value);
      const branches = visit.state["Branches"];
      const threads = Array.isArray(branches) ? branches.map(() => ({ input: text })) : [];
      return (frame) => {
        deps.history.record(frame, "ParallelStateStarted");
        deps.transitions.fork(visit, frame, threads);
      };
    });
  },
  joined: (visit, deps) => join(visit, deps, ["ParallelStateSucceeded"], results(visit, deps)),
};
