import type { JsonObject } from "../../../shared/model/json/json.ts";
import { childRegion, type Definition, type Region, stateOf } from "../model/definition.ts";
import type { Execution } from "../model/execution.ts";
import type { Frame } from "../model/frame.ts";
import type { Executions } from "../store/executions.ts";
import type { Frames } from "../store/frames.ts";

/** The position of a frame in its definition. */
export interface Place {
  readonly definition: Definition;
  readonly region: Region;
  readonly state: JsonObject;
  /** The frames from the outermost to the frame itself. */
  readonly chain: readonly Readonly<Frame>[];
}

export interface PlaceSources {
  readonly frames: Frames;
  readonly executions: Executions;
  definition(id: number): Definition;
}

export function locate(sources: PlaceSources, frame: Readonly<Frame>, execution: Execution): Place {
  const chain = [frame];
  for (let parent = frame.parent; parent !== undefined; ) {
    const above = sources.frames.look(parent);
    if (!above) throw new Error(`Frame ${parent} does not exist`);
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
