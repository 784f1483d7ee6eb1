import type { Json } from "../../../shared/model/json/json.ts";
import type { JsonataScope } from "../language/values/types.ts";
import type { Execution } from "../model/execution.ts";
import type { Frame } from "../model/frame.ts";
import { locate, type Place, type PlaceSources } from "./place.ts";
import { contextOf, type ScopeOver, VisitScope } from "./scope.ts";

/** A snapshot of a frame in its state: everything that the evaluation of the state can read. */
export interface Visit extends Place {
  readonly frame: Readonly<Frame>;
  readonly execution: Execution;
  readonly jsonata: boolean;
  /** The raw input. */
  readonly input: Json;
  scope(over?: ScopeOver): JsonataScope;
}

export function visitOf(sources: PlaceSources, frame: Readonly<Frame>): Visit {
  const execution = sources.executions.get(frame.execution);
  const place = locate(sources, frame, execution);
  const input = JSON.parse(frame.input) as Json;
  const language = place.state["QueryLanguage"] ?? place.definition.QueryLanguage ?? "JSONPath";
  const from = place.chain.findLastIndex((link) => link.control.child !== undefined);
  const variables: Record<string, Json> = {};
  for (const link of place.chain.slice(Math.max(from, 0)))
    if (link.variables !== "{}") Object.assign(variables, JSON.parse(link.variables) as Record<string, Json>);
  return {
    ...place,
    frame,
    execution,
    input,
    jsonata: language === "JSONata",
    scope: (over = {}) =>
      new VisitScope(over.input === undefined ? input : over.input, variables, over, (more) =>
        contextOf(sources, place, execution, more),
      ),
  };
}
