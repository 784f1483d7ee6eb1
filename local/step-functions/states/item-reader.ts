import { type CsvError, parse } from "csv-parse/sync";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { ObjectStore } from "../../ports/services.ts";
import { Failed } from "../interpreter/failure.ts";
import { argumentsOf, numberField } from "../interpreter/input-output.ts";
import type { Visit } from "../interpreter/visit.ts";
import type { JsonataScope } from "../language/values/types.ts";

export const READER_FAILED = "States.ItemReaderFailed";
const failed = (cause: string): Failed => new Failed({ error: READER_FAILED, cause });

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  SPACE: " ",
  TAB: "\t",
};
/** Compressed and columnar formats are not available locally. */
const FORMATS = ["CSV", "JSON", "JSONL"];

/**
 * The items that a Distributed Map's ItemReader reads: an object in JSON, JSONL or CSV, or the list of a bucket's objects.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 * @throws Failed States.ItemReaderFailed
 */
export async function readItems(
  visit: Visit,
  reader: JsonObject,
  scope: JsonataScope,
  objects: ObjectStore,
): Promise<Json[]> {
  const { ReaderConfig: given } = reader;
  const config = isJsonObject(given) ? given : {};
  const parameters = await argumentsOf({ ...visit, state: reader }, scope);
  const most = await numberField({ ...visit, state: config }, "MaxItems", scope);
  if (most !== undefined && most < 0) throw failed("field MaxItems must be positive");
  const items = itemsFrom(
    String(reader["Resource"]),
    isJsonObject(parameters) ? parameters : {},
    config,
    objects,
  );
  return most === undefined || most === 0 ? items : items.slice(0, most);
}

function itemsFrom(
  resource: string,
  parameters: JsonObject,
  config: JsonObject,
  objects: ObjectStore,
): Json[] {
  const { Bucket: bucket, Key: key, Prefix: prefix } = parameters;
  if (typeof bucket !== "string") throw failed("The ItemReader's Bucket must be a string.");
  if (resource.endsWith(":s3:listObjectsV2"))
    return listed(bucket, typeof prefix === "string" ? prefix : "", objects);
  if (!resource.endsWith(":s3:getObject")) throw failed(`The local stack has no ItemReader ${resource}.`);
  if (typeof key !== "string") throw failed("The ItemReader's Key must be a string.");
  const content = objects.read(bucket, key);
  if (content === undefined)
    throw failed(
      `The specified key does not exist: ${bucket}/${key}. Locally, S3 objects are files in the data folder, s3/<bucket>/<key>.`,
    );
  const format = String(config["InputType"] ?? "JSON");
  if (!FORMATS.includes(format))
    throw failed(`The local stack does not read ${format}, only ${FORMATS.join(", ")}.`);
  const text = content.toString("utf8").replace(/^\uFEFF/, "");
  if (format === "CSV") return fromCsv(text, config);
  return format === "JSONL" ? fromJsonLines(text) : fromJson(text, config["ItemsPointer"]);
}

function listed(bucket: string, prefix: string, objects: ObjectStore): Json[] {
  const found = objects.list(bucket, prefix);
  if (found === undefined) throw failed(`The specified bucket does not exist: ${bucket}`);
  return found.map(({ key, size, tag, modified }) => ({
    Etag: `"${tag}"`,
    Key: key,
    // Seconds, as recorded from the service.
    LastModified: Math.floor(modified / 1000),
    Size: size,
    StorageClass: "STANDARD",
  }));
}

function fromJson(text: string, pointer: Json | undefined): Json[] {
  const value = typeof pointer === "string" ? at(parsed(text), pointer) : parsed(text);
  if (Array.isArray(value)) return value;
  throw failed("Attempting to map over non-iterable node.");
}

const fromJsonLines = (text: string): Json[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map(parsed);

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw failed(
      `The ItemReader's object is not valid JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** A JSON Pointer (RFC 6901). */
const at = (value: Json, pointer: string): Json =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<Json>((inner, part) => {
      if (Array.isArray(inner)) return inner[Number(part)] ?? null;
      return isJsonObject(inner) && Object.hasOwn(inner, part) ? (inner[part] ?? null) : null;
    }, value);

/** Returns a row with a field for each header, empty if the row has no value. Recorded from AWS. */
function fromCsv(text: string, config: JsonObject): Json[] {
  const delimiter = DELIMITERS[String(config["CSVDelimiter"] ?? "COMMA")] ?? ",";
  const rows = csvRows(text, delimiter);
  const { CSVHeaderLocation: location, CSVHeaders: names } = config;
  const given = location === "GIVEN" && Array.isArray(names) ? names.map(String) : undefined;
  const headers = given ?? rows[0] ?? [];
  if (new Set(headers).size < headers.length) throw failed("CSV headers cannot contain duplicates.");
  return rows
    .slice(given === undefined ? 1 : 0)
    .map((row) => Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ""])));
}

function csvRows(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  } catch (error) {
    throw failed(`The ItemReader's object is not valid CSV: ${(error as CsvError).message}`);
  }
}
