import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

/** A `States` object of a definition with its start: the state machine itself, a branch or an item processor. */
export interface Region {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, JsonObject>>;
}
export interface Definition extends Region {
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
}

const asRegion = (value: Json | undefined): Region => {
  if (!isJsonObject(value)) throw new Error("The definition has no such branch or item processor");
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
  if (state === undefined) throw new Error(`The definition has no state ${name}`);
  return state;
}

/** Whether a state is a distributed Map, whose iterations are child workflows without access to the parent's variables. */
export function isDistributed(state: JsonObject): boolean {
  const processor = state["ItemProcessor"] ?? state["Iterator"];
  const config = isJsonObject(processor) ? processor["ProcessorConfig"] : undefined;
  return isJsonObject(config) && config["Mode"] === "DISTRIBUTED";
}
