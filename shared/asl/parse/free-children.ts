import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";

/**
 * Why the children of a Distributed Map have no gates: the definition asks for it, they are EXPRESS executions, or the wrapping
 * that tells their gates the run would be seen.
 */
export type FreeReason = "asked" | "express" | "results" | "input";

/** Returns why the children of this Distributed Map have no gates; undefined if they have. */
export function freeReason(map: JsonObject, processor: Json): FreeReason | undefined {
  const { Sluice: field, ResultWriter: writer } = map;
  if (isJsonObject(field) && field.Children === "free") return "asked";
  const config = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  if (isJsonObject(config) && config.ExecutionType === "EXPRESS") return "express";
  if (isJsonObject(writer) && exportsInputs(writer)) return "results";
  return readsItsInput(processor) ? "input" : undefined;
}

/**
 * Whether the results contain the children's inputs. What is exported contains those of failed children in every format; without
 * export, the formats COMPACT and FLATTEN have outputs only
 * (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html).
 */
function exportsInputs({ Resource: resource, WriterConfig: config }: JsonObject): boolean {
  const format = isJsonObject(config) ? config.Transformation : undefined;
  return resource !== undefined || (format !== "COMPACT" && format !== "FLATTEN");
}

/** The context object, the whole of `$states`, or any part of them but those that do not contain the execution's input. */
const CONTEXT =
  /(?:\$\$|\$states\s*\.\s*context\b)(?!\s*\.\s*(?:Execution\s*\.\s*(?:Id|Name|StartTime|RoleArn|RedriveCount|RedriveTime)|StateMachine|State|Task|Map)\b)|\$states\b(?!\s*\.)/;

function readsItsInput(value: Json): boolean {
  if (typeof value === "string") return CONTEXT.test(value);
  if (Array.isArray(value)) return value.some(readsItsInput);
  return isJsonObject(value) && Object.values(value).some(readsItsInput);
}
