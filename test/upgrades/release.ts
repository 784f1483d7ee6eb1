import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";

/**
 * Everything that a release leaves for the next one. `npm run golden` writes it once, and the tests of every later release read
 * it.
 */
export interface Release {
  readonly name: string;
  /** The time of the recording, ISO 8601. */
  readonly at: string;
  /** Compiled text by the machine's name, including Sluice's own machines. */
  readonly machines: Readonly<Record<string, JsonObject>>;
  readonly flows: readonly GoldenFlow[];
  /** The table, item by item. */
  readonly items: readonly RawItem[];
  /** Executions in progress, with their current states. */
  readonly standing: readonly Standing[];
  /** Calls of the functions behind compiled flows, loops and schedules. */
  readonly calls: readonly GoldenCall[];
}

/** An item in DynamoDB's wire format. */
export type RawItem = Record<string, AttributeValue>;

interface GoldenFlow {
  readonly flowId: string;
  readonly incarnation: string;
  readonly definition: JsonObject;
}

export interface Standing {
  readonly role: string;
  readonly runId: string;
  readonly machine: string;
  /** The next state in the compiled text. */
  readonly state: string;
  readonly input: Json;
}

export interface GoldenCall {
  readonly function: string;
  /** ISO 8601. */
  readonly at: string;
  readonly event: JsonObject;
  /** The name of the error that it threw, or its answer. */
  readonly threw?: string;
  readonly answer?: Json;
  /** Items of the run, flow and operation that it concerned, as they were before. */
  readonly before: readonly RawItem[];
}

const FOLDER = fileURLToPath(new URL("releases", import.meta.url));
/** One file per part of a release, with one entry per line, so that a difference is readable. */
const PARTS = ["machines", "flows", "items", "standing", "calls"] as const;

export const releaseFolder = (name: string): string => join(FOLDER, name);

const ordered = (a: string, b: string): number => {
  const [left, right] = [a, b].map((name) => name.split(".").map(Number));
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
};

/** Oldest first. */
export const releases = (): string[] => readdirSync(FOLDER).sort(ordered);

export const readRelease = (name: string): Release => {
  const part = (file: string) => JSON.parse(readFileSync(join(releaseFolder(name), `${file}.json`), "utf8"));
  return {
    name,
    ...part("release"),
    ...Object.fromEntries(PARTS.map((file) => [file, part(file)])),
  };
};

/** The files of a release, by name. */
export const filesOf = (release: Release): ReadonlyMap<string, string> =>
  new Map([
    ["release.json", `${JSON.stringify({ at: release.at })}\n`],
    ...PARTS.map((part) => [`${part}.json`, lines(release[part])] as const),
  ]);

const lines = (part: object): string => {
  const entries = Array.isArray(part)
    ? part.map((entry) => JSON.stringify(entry, bytesAsText))
    : Object.entries(part).map(([name, entry]) => `${JSON.stringify(name)}: ${JSON.stringify(entry)}`);
  const [open, close] = Array.isArray(part) ? "[]" : "{}";
  // Stack traces name the folder that the project was in.
  return `${open}\n${entries.join(",\n")}\n${close}\n`.replaceAll(PROJECT, "file:///project/");
};
const PROJECT = new URL("../../", import.meta.url).href;

/** As in DynamoDB's wire format. */
const bytesAsText = (name: string, value: unknown): unknown =>
  name === "B" && typeof value === "object" && value !== null
    ? Buffer.from(Object.values(value)).toString("base64")
    : value;

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The same release as if recorded at `now` (epoch milliseconds): every time in it moves by the same amount. */
export const recordedAt = <T extends { readonly at: string }>(recorded: T, now: number): T => {
  const span = now - Date.parse(recorded.at);
  const moved = (time: string) => new Date(Date.parse(time) + span).toISOString();
  return JSON.parse(JSON.stringify(recorded).replaceAll(TIME, moved)) as T;
};

/** Bytes in the SDK's format; the files contain them as text. */
export const sdkItem = (item: RawItem): RawItem =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const text: unknown = value.B;
      return typeof text === "string" ? [name, { B: Buffer.from(text, "base64") }] : [name, value];
    }),
  );
