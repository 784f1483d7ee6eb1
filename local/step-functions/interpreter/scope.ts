import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { JsonataScope } from "../language/values/types.ts";
import type { Execution } from "../model/execution.ts";
import type { Place, PlaceSources } from "./place.ts";

/** Values that replace or extend those of the visit in one expression's scope. */
export interface ScopeOver {
  readonly input?: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly token?: string;
  readonly item?: { readonly index: number; readonly value: Json };
}

const RETRIED: ReadonlySet<string> = new Set(["Task", "Parallel", "Map"]);
const iso = (at: number): string => new Date(at).toISOString();

export function contextOf(
  sources: PlaceSources,
  place: Place,
  execution: Execution,
  over: ScopeOver,
): JsonObject {
  const { chain } = place;
  const frame = chain.at(-1);
  const childAt = chain.findLastIndex((link) => link.control.child !== undefined);
  const own = childAt < 0 ? undefined : chain[childAt];
  const child = own?.control.child;
  let input: Json | undefined;
  const run: JsonObject = {
    Id: child?.id ?? execution.arn,
    // Up to 256 KiB, so it is parsed only for a state that reads it.
    get Input(): Json {
      input ??= JSON.parse(own?.item ?? sources.executions.input(execution.id)) as Json;
      return input;
    },
    StartTime: iso(child?.startedAt ?? execution.started),
    Name: child?.name ?? execution.name,
    RoleArn: execution.role,
    RedriveCount: execution.redrives,
  };
  if (execution.redriven !== undefined) run["RedriveTime"] = iso(execution.redriven);
  const context: JsonObject = {
    Execution: run,
    StateMachine: { Id: execution.machine, Name: execution.machine.split(":").at(-1) ?? "" },
    State: {
      Name: frame?.state ?? "",
      EnteredTime: iso(frame?.entered ?? 0),
      // As recorded from the service: a state type without Retry has no RetryCount.
      ...(RETRIED.has(String(place.state["Type"])) ? { RetryCount: frame?.control.retryCount ?? 0 } : {}),
    },
  };
  const iteration = chain.slice(childAt + 1).findLast((link) => link.item !== undefined);
  if (over.item) context["Map"] = { Item: { Index: over.item.index, Value: over.item.value } };
  else if (iteration?.item !== undefined)
    context["Map"] = { Item: { Index: iteration.position, Value: JSON.parse(iteration.item) as Json } };
  const token = over.token ?? frame?.control.token;
  if (token !== undefined) context["Task"] = { Token: token };
  return { ...context, ...sources.executions.tested.get(execution.id)?.context };
}

/** The values that a visit's expressions can use. The context object is built on first use: few expressions read it. */
export class VisitScope implements JsonataScope {
  readonly input: Json;
  readonly variables: Record<string, Json>;
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly #over: ScopeOver;
  readonly #contextOf: (over: ScopeOver) => JsonObject;
  #context: JsonObject | undefined;

  constructor(
    input: Json,
    variables: Record<string, Json>,
    over: ScopeOver,
    context: (over: ScopeOver) => JsonObject,
  ) {
    this.input = input;
    this.variables = variables;
    if (over.result !== undefined) this.result = over.result;
    if (over.errorOutput !== undefined) this.errorOutput = over.errorOutput;
    this.#over = over;
    this.#contextOf = context;
  }

  get context(): JsonObject {
    this.#context ??= this.#contextOf(this.#over);
    return this.#context;
  }
}
