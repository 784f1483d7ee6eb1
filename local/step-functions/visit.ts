import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";
import type { JsonataScope } from "./language/types.ts";
import type { Definition, Execution, Frame, Region } from "./model.ts";
import type { Executions } from "./store/executions.ts";
import type { Frames } from "./store/frames.ts";

/** Where a frame stands in the definition. */
export interface Place {
  readonly definition: Definition;
  readonly region: Region;
  readonly state: JsonObject;
  /** The frames from the outermost to the frame itself. */
  readonly chain: readonly Readonly<Frame>[];
}

/** One look at a state that a frame is in: all that its evaluation can see. */
export interface Visit extends Place {
  readonly frame: Readonly<Frame>;
  readonly execution: Execution;
  readonly jsonata: boolean;
  /** The raw input. */
  readonly input: Json;
  scope(over?: ScopeOver): JsonataScope;
}
interface ScopeOver {
  readonly input?: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly token?: string;
  readonly item?: { readonly index: number; readonly value: Json };
}

const asRegion = (value: Json | undefined): Region => {
  if (!isJsonObject(value)) throw new Error("the definition has no such region");
  return value as unknown as Region;
};

/** The region that the children of a Parallel or Map state run in. */
export function childRegion(state: JsonObject, position: number): Region {
  const branches = state["Branches"];
  return Array.isArray(branches)
    ? asRegion(branches[position])
    : asRegion(state["ItemProcessor"] ?? state["Iterator"]);
}

export function stateOf(region: Region, name: string): JsonObject {
  const state = region.States[name];
  if (state === undefined) throw new Error(`the definition has no state ${name}`);
  return state;
}

/** A distributed Map runs its iterations as child workflows, which see nothing of their parent. */
export function isDistributed(state: JsonObject): boolean {
  const processor = state["ItemProcessor"] ?? state["Iterator"];
  const config = isJsonObject(processor) ? processor["ProcessorConfig"] : undefined;
  return isJsonObject(config) && config["Mode"] === "DISTRIBUTED";
}

export interface VisitSources {
  readonly frames: Frames;
  readonly executions: Executions;
  definition(id: number): Definition;
}

export function locate(sources: VisitSources, frame: Readonly<Frame>, execution: Execution): Place {
  const chain = [frame];
  for (let parent = frame.parent; parent !== undefined; ) {
    const above = sources.frames.look(parent);
    if (!above) throw new Error(`frame ${parent} is gone`);
    chain.unshift(above);
    parent = above.parent;
  }
  const definition = sources.definition(execution.definition);
  let region: Region = definition;
  let above: Readonly<Frame> | undefined;
  for (const link of chain) {
    if (above !== undefined) region = childRegion(stateOf(region, above.state), link.position);
    above = link;
  }
  const state = frame.state === "" ? {} : stateOf(region, frame.state);
  return { definition, region, state, chain };
}

const RETRIED: ReadonlySet<string> = new Set(["Task", "Parallel", "Map"]);
const iso = (at: number): string => new Date(at).toISOString();

function contextOf(sources: VisitSources, place: Place, execution: Execution, over: ScopeOver): JsonObject {
  const { chain } = place;
  const frame = chain.at(-1);
  const childAt = chain.findLastIndex((link) => link.control.child !== undefined);
  const own = childAt < 0 ? undefined : chain[childAt];
  const child = own?.control.child;
  let input: Json | undefined;
  const run: JsonObject = {
    Id: child?.id ?? execution.arn,
    // Up to 256 KiB: parsed only for a state that looks at it.
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
      // Recorded from the service: a state that has no Retry has no such count.
      ...(RETRIED.has(String(place.state["Type"])) ? { RetryCount: frame?.control.retryCount ?? 0 } : {}),
    },
  };
  const iteration = chain.slice(childAt + 1).findLast((link) => link.item !== undefined);
  if (over.item) context["Map"] = { Item: { Index: over.item.index, Value: over.item.value } };
  else if (iteration?.item !== undefined)
    context["Map"] = { Item: { Index: iteration.position, Value: JSON.parse(iteration.item) as Json } };
  const token = over.token ?? frame?.control.token;
  if (token !== undefined) context["Task"] = { Token: token };
  return context;
}

/** What expressions of a visit see. Few of them look at the context, so it is made for those. */
class VisitScope implements JsonataScope {
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

export function visitOf(sources: VisitSources, frame: Readonly<Frame>): Visit {
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
