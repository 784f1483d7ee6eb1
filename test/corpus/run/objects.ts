import type { Json } from "../../../shared/model/json/json.ts";
import { isJsonObject } from "../../../shared/model/json/json.ts";
import type { World } from "../world/world.ts";
import type { CorpusStack } from "./corpus-stack.ts";
import { runRaw } from "./raw-run.ts";

const NO_OBJECT = /The specified key does not exist: (?<bucket>[^/]+)\/(?<key>.+?)\.(?: |$)/;
const NO_BUCKET = /The specified bucket does not exist: (?<bucket>\S+)/;
const MAX_OBJECTS = 4;

/** Runs a machine, and again with the S3 objects that its readers did not find, because their names are computed. */
export async function rawWithObjects(
  stack: CorpusStack,
  machineArn: string,
  world: World,
  restart: () => void,
): ReturnType<typeof runRaw> {
  for (let written = 0; ; written++) {
    restart();
    const raw = await runRaw(stack, machineArn, world.input);
    const { cause, readerFailures } = raw.outcome;
    const text = [cause ?? "", ...readerFailures].join(" ");
    const object = NO_OBJECT.exec(text)?.groups;
    const bucket = NO_BUCKET.exec(text)?.groups?.["bucket"];
    if (written === MAX_OBJECTS || (object === undefined && bucket === undefined)) return raw;
    if (object !== undefined)
      stack.writeObject(object["bucket"] ?? "", object["key"] ?? "", objectFor(world));
    if (bucket !== undefined)
      for (const prefix of world.prefixes)
        for (const name of ["one.json", "two.json"])
          stack.writeObject(bucket, `${prefix}${name}`, JSON.stringify(world.answers.slice(0, 2)));
  }
}

/** An object in the format of the flow's first reader. */
function objectFor({ readers, answers }: World): string {
  const config = readers[0] ?? {};
  const rows = answers.slice(0, 2).filter(isJsonObject);
  if (config["InputType"] === "JSONL") return rows.map((row) => JSON.stringify(row)).join("\n");
  if (config["InputType"] !== "CSV") return JSON.stringify(rows);
  const given = config["CSVHeaders"];
  const names = Array.isArray(given) ? given.map(String) : Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => names.map((name) => cell(row[name] ?? name)).join(","));
  return [...(config["CSVHeaderLocation"] === "GIVEN" ? [] : [names.join(",")]), ...lines].join("\n");
}

const cell = (value: Json): string =>
  `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
