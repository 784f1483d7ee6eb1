import { isJsonObject, type Json } from "../../model/json/json.ts";
import type { StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import {
  anything,
  checkAtMostOne,
  expressionOrObject,
  fields,
  integer,
  oneOf,
  referencePath,
  template,
  text,
  type ValueCheck,
} from "./value-checks.ts";

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html; MaxItems can be 0. */
const MAX_ITEMS = 100_000_000;
/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html, in bytes. */
const MAX_BATCH_BYTES = 262_144;

export const itemReader: ValueCheck = fields(
  {
    Resource: text,
    Parameters: template,
    Arguments: expressionOrObject,
    ReaderConfig: fields({ MaxItems: integer(0, MAX_ITEMS), MaxItemsPath: referencePath }, { open: true }),
  },
  { required: ["Resource"] },
);

export const itemBatcher: ValueCheck = fields({
  MaxItemsPerBatch: integer(0, MAX_ITEMS),
  MaxItemsPerBatchPath: referencePath,
  MaxInputBytesPerBatch: integer(0, MAX_BATCH_BYTES),
  MaxInputBytesPerBatchPath: referencePath,
  BatchInput: (value, place) => (place.language === "JSONPath" ? template : anything)(value, place),
});

/**
 * WriterConfig alone formats the results without exporting them:
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export const resultWriter: ValueCheck = (value, place) => {
  fields({ Resource: text, Parameters: template, Arguments: expressionOrObject, WriterConfig: writerConfig })(
    value,
    place,
  );
  if (isJsonObject(value) && value.Resource === undefined && value.WriterConfig === undefined)
    place.report(place.at, "ResultWriter needs Resource, WriterConfig, or both.");
};

const writerConfig = fields({
  OutputType: oneOf("JSON", "JSONL"),
  Transformation: oneOf("NONE", "COMPACT", "FLATTEN"),
});

const MAX_LABEL_CHARACTERS = 40;
/** https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html, "Label" */
const NOT_IN_LABELS = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u;
export const label: ValueCheck = (value, place) => {
  if (typeof value !== "string") return text(value, place);
  if (value.length > MAX_LABEL_CHARACTERS)
    place.report(place.at, `Label can have at most ${MAX_LABEL_CHARACTERS} characters.`);
  const forbidden = NOT_IN_LABELS.exec(value)?.[0];
  if (forbidden !== undefined)
    place.report(
      place.at,
      `Label cannot contain ${JSON.stringify(forbidden)}. Use letters, digits, - and _.`,
    );
};

const processorConfig = fields(
  { Mode: oneOf("INLINE", "DISTRIBUTED"), ExecutionType: oneOf("STANDARD", "EXPRESS") },
  { open: true },
);

/** Without the failure tolerances: Step Functions accepts and ignores them in an inline Map. */
const DISTRIBUTED_ONLY = ["ItemReader", "ResultWriter", "ItemBatcher", "Label"];

/** Checks the rules of a Map that concern several fields. */
export function checkMap({ body, at, inner, language }: StateNode, report: Report): void {
  const place = { at, language, report };
  for (const names of [
    ["Items", "ItemsPath"],
    ["Parameters", "ItemSelector"],
    ["MaxConcurrency", "MaxConcurrencyPath"],
    ["ToleratedFailureCount", "ToleratedFailureCountPath"],
    ["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"],
  ])
    checkAtMostOne(body, names, place);
  const { ItemReader: reader, ItemBatcher: batcher } = body;
  const config: Json | undefined = isJsonObject(reader) ? reader.ReaderConfig : undefined;
  if (isJsonObject(config))
    checkAtMostOne(config, ["MaxItems", "MaxItemsPath"], { at: `${at}.ItemReader.ReaderConfig`, report });
  for (const name of ["MaxItemsPerBatch", "MaxInputBytesPerBatch"])
    if (isJsonObject(batcher))
      checkAtMostOne(batcher, [name, `${name}Path`], { at: `${at}.ItemBatcher`, report });
  const [scope] = inner;
  if (scope?.body.ProcessorConfig !== undefined)
    processorConfig(scope.body.ProcessorConfig, { ...place, at: `${scope.at}.ProcessorConfig` });
  if (scope?.distributed === true) return;
  for (const field of DISTRIBUTED_ONLY) {
    if (Object.hasOwn(body, field)) report(`${at}.${field}`, `Only a Distributed Map can have ${field}.`);
  }
}
