import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json.ts";

/** Types of states that a gate stands before. */
export const GATED_TYPES: ReadonlySet<string> = new Set(["Task", "Wait", "Parallel", "Map"]);

/** Every state of a machine by its name, those inside branches and iterations too, but not the children of a Distributed Map. */
export const statesOf = (machine: Json): JsonObject => {
  if (!isJsonObject(machine) || !isJsonObject(machine["States"])) return {};
  const found: JsonObject = {};
  for (const [name, state] of Object.entries(machine["States"])) {
    found[name] = state;
    if (!isJsonObject(state)) continue;
    const { Branches: branches, ItemProcessor: processor, Iterator: iterator } = state;
    const mode =
      isJsonObject(processor) && isJsonObject(processor["ProcessorConfig"])
        ? processor["ProcessorConfig"]
        : {};
    const inner = mode["Mode"] === "DISTRIBUTED" ? [] : [processor ?? null, iterator ?? null];
    for (const sub of [...(Array.isArray(branches) ? branches : []), ...inner])
      Object.assign(found, statesOf(sub));
  }
  return found;
};
