import { execFile } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { marshall } from "@aws-sdk/util-dynamodb";
import { findEngine } from "../../local/dynamodb/dynoxide-binary.ts";
import { tableDefinition } from "../../local/dynamodb/table.ts";

const TABLE = "sluice";
const LINES_AT_ONCE = 1_000;

export type Items = Iterable<object> | AsyncIterable<object>;

/**
 * Fills the table of a stopped stack, in its data folder, with exactly these items. Uses the engine's import of DynamoDB
 * exports, which handles some thousands per second and writes no stream records.
 */
export const importItems = async (folder: string, ...items: readonly Items[]): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), "sluice-import-"));
  try {
    const source = join(work, TABLE);
    mkdirSync(source);
    await pipeline(
      Readable.from(exported(items)),
      createGzip({ level: 1 }),
      createWriteStream(join(source, "items.json.gz")),
    );
    const schema = join(work, "schema.json");
    writeFileSync(schema, JSON.stringify({ Table: { ...tableDefinition(TABLE), TableStatus: "ACTIVE" } }));
    const file = join(folder, "dynamodb.sqlite");
    for (const part of ["", "-wal", "-shm"]) rmSync(`${file}${part}`, { force: true });
    const options = ["--source", source, "--schema", schema, "--output", file];
    await promisify(execFile)(findEngine(), ["import", ...options]);
  } finally {
    rmSync(work, { recursive: true });
  }
};

/** Lines of an export, many at a time. */
async function* exported(sources: readonly Items[]): AsyncGenerator<string> {
  let lines: string[] = [];
  for (const items of sources) {
    for await (const item of items) {
      lines.push(`${JSON.stringify({ Item: marshall(item, { removeUndefinedValues: true }) })}\n`);
      if (lines.length < LINES_AT_ONCE) continue;
      yield lines.join("");
      lines = [];
    }
  }
  yield lines.join("");
}
