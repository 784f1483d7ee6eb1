import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { ObjectFolder } from "../../storage/object-folder.ts";
import { Harness } from "../test-harness.ts";

const folder = mkdtempSync(join(tmpdir(), "objects-"));
const put = (key: string, text: string) => writeFileSync(join(folder, "b", key), text);

beforeAll(() => {
  mkdirSync(join(folder, "b", "sub"), { recursive: true });
  mkdirSync(join(folder, "b2"));
  writeFileSync(join(folder, "b2", "a.json"), "[]");
});
afterAll(() => rmSync(folder, { recursive: true }));

const GET = "arn:aws:states:::s3:getObject";
const STANDARD = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
const PASS = { ...STANDARD, StartAt: "P", States: { P: { Type: "Pass", End: true } } };

async function run(map: JsonObject, input: JsonObject = {}) {
  const harness = new Harness({ objects: new ObjectFolder(folder) });
  const M = { Type: "Map", ItemProcessor: PASS, End: true, ...map };
  const executionArn = await harness.start({ StartAt: "M", States: { M } }, input);
  const described = await harness.describe(executionArn);
  const types = await harness.types(executionArn);
  await harness.close();
  const output = described["output"];
  return { ...described, types, output: output === undefined ? undefined : JSON.parse(String(output)) };
}
const read = (key: string, config: JsonObject = {}, more: JsonObject = {}) =>
  run({
    ItemReader: { Resource: GET, ReaderConfig: config, Parameters: { Bucket: "b", Key: key } },
    ...more,
  });

describe("an ItemReader", () => {
  it("reads a JSON array", async () => {
    put("a.json", '[{"n":1},{"n":2},{"n":3}]');
    expect((await read("a.json", { InputType: "JSON" })).output).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect((await read("a.json", { InputType: "JSON", MaxItems: 2 })).output).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("reads the array that ItemsPointer names", async () => {
    put("deep.json", '{"a/b":{"list":[7]}}');
    expect((await read("deep.json", { InputType: "JSON", ItemsPointer: "/a~1b/list" })).output).toEqual([7]);
  });

  it("reads JSON lines", async () => {
    put("a.jsonl", '{"n":1}\n\n{"n":2}\n');
    expect((await read("a.jsonl", { InputType: "JSONL" })).output).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("reads CSV, with quotes, missing and extra fields", async () => {
    put("a.csv", 'id,text\n1,"a, ""b"""\n2\n3,c,d\n');
    expect((await read("a.csv", { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" })).output).toEqual([
      { id: "1", text: 'a, "b"' },
      { id: "2", text: "" },
      { id: "3", text: "c" },
    ]);
    put("semicolons.csv", "1;2\n");
    const given = { CSVHeaderLocation: "GIVEN", CSVHeaders: ["x", "y"], CSVDelimiter: "SEMICOLON" };
    expect((await read("semicolons.csv", { InputType: "CSV", ...given })).output).toEqual([
      { x: "1", y: "2" },
    ]);
  });

  it("lists a bucket", async () => {
    put("sub/one.txt", "hello");
    const Resource = "arn:aws:states:::s3:listObjectsV2";
    const { output } = await run({ ItemReader: { Resource, Parameters: { Bucket: "b", Prefix: "sub/" } } });
    expect(output).toMatchObject([
      { Key: "sub/one.txt", Size: 5, Etag: '"5d41402abc4b2a76b9719d911017c592"', StorageClass: "STANDARD" },
    ]);
  });

  it.each<[string, string, JsonObject, string]>([
    ["object.json", '{"a":1}', { InputType: "JSON" }, "Attempting to map over non-iterable node."],
    [
      "twice.csv",
      "1,2\n",
      { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["H", "H"] },
      "CSV headers cannot contain duplicates.",
    ],
  ])("fails on %s", async (key, text, config, cause) => {
    put(key, text);
    const failed = await read(key, config);
    expect(failed).toMatchObject({ status: "FAILED", error: "States.ItemReaderFailed", cause });
    expect(failed.types).toEqual([
      ...["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunFailed"],
      ...["MapStateFailed", "ExecutionFailed"],
    ]);
  });

  it("fails on an object that does not exist or is outside the bucket", async () => {
    for (const key of ["none.json", "../../etc/passwd", "../b2/a.json"])
      expect(await read(key)).toMatchObject({ error: "States.ItemReaderFailed" });
    const Parameters = { Bucket: "..", Key: `${basename(folder)}/b/a.json` };
    expect(await run({ ItemReader: { Resource: GET, Parameters } })).toMatchObject({
      error: "States.ItemReaderFailed",
    });
  });

  it("refuses a negative MaxItems", async () => {
    const ItemReader = {
      Resource: GET,
      ReaderConfig: { MaxItemsPath: "$.n" },
      Parameters: { Bucket: "b", Key: "a.json" },
    };
    expect(await run({ ItemReader }, { n: -1 })).toMatchObject({ cause: "field MaxItems must be positive" });
  });
});

describe("a ResultWriter", () => {
  const Resource = "arn:aws:states:::s3:putObject";
  const Parameters = { Bucket: "b", Prefix: "results" };
  const failing = {
    ...STANDARD,
    StartAt: "C",
    States: {
      C: { Type: "Choice", Choices: [{ Variable: "$", NumericEquals: 2, Next: "F" }], Default: "P" },
      F: { Type: "Fail", Error: "Two", Cause: "it is two" },
      P: { Type: "Pass", End: true },
    },
  };
  const items = { ItemsPath: "$.items", ItemProcessor: failing, ToleratedFailureCount: 1 };

  it("writes the executions, and the manifest", async () => {
    const { output } = await run({ ...items, ResultWriter: { Resource, Parameters } }, { items: [1, 2] });
    const json = (key: string) => JSON.parse(readFileSync(join(folder, "b", key), "utf8"));
    expect(output.ResultWriterDetails).toMatchObject({ Bucket: "b" });
    expect(output.ResultWriterDetails.Key).toMatch(/^results\/[\w-]{36}\/manifest\.json$/);
    const manifest = json(output.ResultWriterDetails.Key);
    expect(manifest.MapRunArn).toBe(output.MapRunArn);
    expect(json(manifest.ResultFiles.SUCCEEDED[0].Key)).toMatchObject([
      { Input: "1", Output: "1", Status: "SUCCEEDED" },
    ]);
    expect(json(manifest.ResultFiles.FAILED[0].Key)).toMatchObject([
      { Input: "2", Error: "Two", Cause: "it is two", Status: "FAILED" },
    ]);
  });

  it("fails on a bucket that cannot be one", async () => {
    const ResultWriter = { Resource, Parameters: { Bucket: "../b", Prefix: "results" } };
    expect(await run({ ...items, ResultWriter }, { items: [1] })).toMatchObject({
      ...{ status: "FAILED", error: "States.ResultWriterFailed" },
      cause: expect.stringContaining("cannot be a file of the local stack"),
    });
  });

  it("only transforms the results without a Resource", async () => {
    const ResultWriter = { WriterConfig: { OutputType: "JSON", Transformation: "FLATTEN" } };
    const map = { ItemsPath: "$.items", ResultWriter };
    expect((await run(map, { items: [[1, 2], [3]] })).output).toEqual([1, 2, 3]);
  });
});
