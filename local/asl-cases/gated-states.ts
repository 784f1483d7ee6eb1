import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";

/** Types of states that get a gate. */
const GATED_TYPES: ReadonlySet<string> = new Set(["Task", "Wait", "Parallel", "Map"]);

/** All states of a machine by name, including those in branches, iterations and STANDARD children. */
const statesOf = (machine: Json): JsonObject => {
  if (!isJsonObject(machine) || !isJsonObject(machine["States"])) return {};
  const found: JsonObject = {};
  for (const [name, state] of Object.entries(machine["States"])) {
    found[name] = state;
    if (!isJsonObject(state)) continue;
    const { Branches: branches, ItemProcessor: processor, Iterator: iterator } = state;
    const items = processor ?? iterator;
    const config = isJsonObject(items) ? items["ProcessorConfig"] : undefined;
    const inner = isJsonObject(config) && config["ExecutionType"] === "EXPRESS" ? [] : [items ?? null];
    for (const sub of [...(Array.isArray(branches) ? branches : []), ...inner])
      Object.assign(found, statesOf(sub));
  }
  return found;
};

/** Names of the gated states. */
export const gatedStates = (definition: JsonObject): Set<string> =>
  new Set(
    Object.entries(statesOf(definition)).flatMap(([name, state]) =>
      isJsonObject(state) && GATED_TYPES.has(String(state["Type"])) ? [name] : [],
    ),
  );

const FUNCTION = /^arn:aws:(lambda:.*:function:|states:::lambda:invoke$)/;

/** The same machine, with an inline gate in every function that a Task calls and waits for. */
export const withInlineGates = <Machine extends Json>(machine: Machine): Machine => {
  const marked: Json = structuredClone(machine);
  for (const state of Object.values(statesOf(marked))) {
    if (isJsonObject(state) && FUNCTION.test(String(state["Resource"]))) state["Sluice"] = { Gate: "inline" };
  }
  return marked as Machine;
};
