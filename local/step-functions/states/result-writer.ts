import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { ObjectStore } from "../../ports/services.ts";
import { Failed } from "../interpreter/failure.ts";
import { argumentsOf } from "../interpreter/input-output.ts";
import type { StateDeps } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import type { Frame } from "../model/frame.ts";

const WRITER_FAILED = "States.ResultWriterFailed";

/** A child workflow as the result files tell of it. */
function childResult(visit: Visit, deps: StateDeps, child: Readonly<Frame>): JsonObject {
  const { id = "", name = "", startedAt = 0 } = child.control.child ?? {};
  const outcome = deps.frames.outcome(child);
  const iso = (at: number): string => new Date(at).toISOString();
  const result: JsonObject =
    outcome && "failure" in outcome
      ? {
          ...(outcome.failure.cause === undefined ? {} : { Cause: outcome.failure.cause }),
          ...(outcome.failure.error === undefined ? {} : { Error: outcome.failure.error }),
          Status: "FAILED",
        }
      : {
          Output: JSON.stringify(outcome?.output ?? null),
          OutputDetails: { Included: true },
          Status: "SUCCEEDED",
        };
  return {
    ExecutionArn: id,
    Input: child.item ?? child.input,
    InputDetails: { Included: true },
    Name: name,
    ...result,
    StartDate: iso(startedAt),
    StateMachineArn: `${visit.execution.machine}/${id.split("/").at(-1)?.split(":")[0] ?? ""}`,
    StopDate: iso(deps.clock.now()),
  };
}

const succeeded = ({ Status: status }: JsonObject): boolean => status === "SUCCEEDED";
const outputOf = ({ Output: output }: JsonObject): Json => JSON.parse(String(output ?? "null")) as Json;

/** WriterConfig's Transformation: whole executions, their outputs, or the outputs' members. */
function transformed(results: readonly JsonObject[], transformation: Json | undefined): Json[] {
  if (transformation !== "COMPACT" && transformation !== "FLATTEN") return [...results];
  const outputs = results.map((result) => (succeeded(result) ? outputOf(result) : result));
  return transformation === "COMPACT" ? outputs : outputs.flat();
}

/**
 * Writes the results of a Distributed Map and returns the state's result: where they are, or, without a Resource, the results
 * themselves. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export async function writeResults(
  visit: Visit,
  deps: StateDeps,
  writer: JsonObject,
  objects: ObjectStore,
): Promise<Json> {
  const results = deps.frames.children(visit.frame.id).map((child) => childResult(visit, deps, child));
  const config = isJsonObject(writer["WriterConfig"]) ? writer["WriterConfig"] : {};
  const { Transformation: transformation, OutputType: type } = config;
  if (writer["Resource"] === undefined) return transformed(results, transformation);
  const parameters = await argumentsOf({ ...visit, state: writer }, visit.scope());
  const { Bucket: bucket, Prefix: prefix } = isJsonObject(parameters) ? parameters : {};
  if (typeof bucket !== "string")
    throw new Failed({ error: WRITER_FAILED, cause: "The ResultWriter's Bucket must be a string." });
  const arn = visit.frame.control.mapRun ?? "";
  const folder = [typeof prefix === "string" ? prefix.replace(/\/$/, "") : "", arn.split(":").at(-1) ?? ""]
    .filter((part) => part !== "")
    .join("/");
  const put = (key: string, text: string): void => {
    try {
      objects.write(bucket, key, text);
    } catch (error) {
      throw new Failed({
        error: WRITER_FAILED,
        cause: error instanceof Error ? error.message : String(error),
      });
    }
  };
  const lines = type === "JSONL";
  const write = (status: string, part: readonly JsonObject[]): Json[] => {
    if (part.length === 0) return [];
    const values = transformed(part, transformation);
    const text = lines
      ? values.map((value) => `${JSON.stringify(value)}\n`).join("")
      : JSON.stringify(values);
    const key = `${folder}/${status}_0.${lines ? "jsonl" : "json"}`;
    put(key, text);
    return [{ Key: key, Size: Buffer.byteLength(text) }];
  };
  const files = {
    FAILED: write(
      "FAILED",
      results.filter((result) => !succeeded(result)),
    ),
    PENDING: [],
    SUCCEEDED: write("SUCCEEDED", results.filter(succeeded)),
  };
  const manifest = { DestinationBucket: bucket, MapRunArn: arn, ResultFiles: files };
  // Last: a reader that finds the manifest finds the files.
  put(`${folder}/manifest.json`, JSON.stringify(manifest));
  return { MapRunArn: arn, ResultWriterDetails: { Bucket: bucket, Key: `${folder}/manifest.json` } };
}
