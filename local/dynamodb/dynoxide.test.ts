import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, expect, it, vi } from "vitest";
import { buildStack } from "../stack/stack.ts";
import { testComposition } from "../stack/test-stack.ts";
import { startEngine } from "./dynoxide.ts";

afterEach(() => vi.unstubAllEnvs());

const client = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });

it("uses the engine at DYNAMODB_ENDPOINT instead of its own", async () => {
  const engine = await startEngine(":memory:", (line) => expect.fail(line));
  vi.stubEnv("DYNAMODB_ENDPOINT", engine.endpoint().href);
  const stack = await buildStack({ port: 0, data: ":memory:" }, testComposition);
  try {
    expect((await client(engine.endpoint().href).send(new ListTablesCommand({}))).TableNames).toEqual([
      "items",
    ]);
    expect((await client(`${stack.url}/aws/dynamodb`).send(new ListTablesCommand({}))).TableNames).toEqual([
      "items",
    ]);
  } finally {
    await stack.close();
    await engine.close();
  }
});

it("works with a file that another engine still has open", async () => {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const log = (line: string) => expect.fail(line);
  const orphan = await startEngine(join(folder, "data"), log);
  await client(orphan.endpoint().href).send(new CreateTableCommand(testComposition.table));
  const next = await startEngine(join(folder, "data"), log);
  try {
    expect((await client(next.endpoint().href).send(new ListTablesCommand({}))).TableNames).toEqual([
      "items",
    ]);
  } finally {
    await orphan.close();
    await next.close();
    rmSync(folder, { recursive: true });
  }
});

it("says in one line how to install an engine if there is none", async () => {
  vi.stubEnv("PATH", "/nowhere");
  const { findEngine } = await import("./dynoxide-binary.ts");
  expect(() => findEngine("@dynoxide/no-such-platform")).toThrow(
    /^No DynamoDB engine: install dynoxide .* DYNAMODB_ENDPOINT/,
  );
});
