import { readFileSync, statSync } from "node:fs";
import type { Substitutions } from "../../../shared/asl/source/substitutions.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { CorpusFlow } from "./corpus-flow.ts";
import { readFlowFolder } from "./flow-folder.ts";
import { substitutionValues } from "./substitution-values.ts";

/** Reads the flows of a file, or of a folder. @throws Error with a message for the author of the file */
export async function readCorpus(path: string): Promise<readonly CorpusFlow[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readFlowFolder(path);
  let flows: Json;
  try {
    flows = JSON.parse(readFileSync(path, "utf8")) as Json;
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(flows)) throw new Error(`${path} is not an array of flows`);
  return flows.map((flow, index) => {
    const read = isJsonObject(flow) ? readFlow(flow) : undefined;
    if (read === undefined) throw new Error(`${path}: item ${index} is not an object with an id and a text`);
    return read;
  });
}

function readFlow({
  id,
  text,
  source,
  machineType,
  filled,
  substitutions,
}: JsonObject): CorpusFlow | undefined {
  if (typeof id !== "string" || typeof text !== "string") return undefined;
  const derived = isJsonObject(filled) ? substitutionValues(text, filled) : {};
  return {
    id: typeof source === "string" ? `${id} (${source})` : id,
    text,
    substitutions: isJsonObject(substitutions) ? (substitutions as Substitutions) : derived,
    machineType: typeof machineType === "string" ? machineType : undefined,
  };
}
