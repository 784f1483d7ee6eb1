import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";

/**
 * The reason why the children of a Distributed Map have no gates: the definition says so, they are EXPRESS executions, or the user's states
 * would see the wrapper that identifies the run.
 */
export type FreeReason = "asked" | "express" | "results" | "input";

/** Returns why the children of this Distributed Map have no gates; undefined if they have gates. */
export function freeReason(map: JsonObject, processor: Json): FreeReason | undefined {
  const { Sluice: field, ResultWriter: writer } = map;
  if (isJsonObject(field) && field.Children === "free") return "asked";
  const config = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  if (isJsonObject(config) && config.ExecutionType === "EXPRESS") return "express";
  if (isJsonObject(writer) && exportsInputs(writer)) return "results";
  return readsItsInput(processor) ? "input" : undefined;
}

/**
 * Whether the results contain the children's inputs. Exported results contain those of failed children in every format. Without an
 * export, the formats COMPACT and FLATTEN contain outputs only
 * (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html).
 */
function exportsInputs({ Resource: resource, WriterConfig: config }: JsonObject): boolean {
  const format = isJsonObject(config) ? config.Transformation : undefined;
  return resource !== undefined || (format !== "COMPACT" && format !== "FLATTEN");
}

/** Matches the context object, the whole of `$states`, and all parts of them that contain the execution's input. */
const CONTEXT =
  /(?:\$\$|\$states\s*\.\s*context\b)(?!\s*\.\s*(?:Execution\s*\.\s*(?:Id|Name|StartTime|RoleArn|RedriveCount|RedriveTime)|StateMachine|State|Task|Map)\b)|\$states\b(?!\s*\.)/;

function readsItsInput(value: Json): boolean {
  if (typeof value === "string") return CONTEXT.test(value);
  if (Array.isArray(value)) return value.some(readsItsInput);
  return isJsonObject(value) && Object.values(value).some(readsItsInput);
}
