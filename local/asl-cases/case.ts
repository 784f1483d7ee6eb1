import { readFile } from "node:fs/promises";
import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";

/** The behavior of a case's function. A sequence has one behavior for each call; the last one repeats. */
export type Behaviour =
  | "echo"
  | { readonly sequence: readonly Behaviour[] }
  | {
      readonly delayMs?: number;
      readonly return?: Json;
      readonly throw?: { readonly errorType: string; readonly errorMessage: string };
    };

/** An answer to a state's task token: one for each visit, preceded by any number of heartbeats. */
export interface Callback {
  readonly state: string;
  readonly action: "success" | "failure" | "heartbeat" | "none";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly delayMs?: number;
}

export interface Expectation {
  readonly status: string;
  /** May contain matchers. */
  readonly output?: Json;
  /** null: the outcome must not have one. */
  readonly error?: Json;
  readonly cause?: Json;
  readonly visits?: Readonly<Record<string, number>>;
  readonly path?: readonly string[];
  readonly taskAttempts?: number;
}

/** One case of a file; docs/internals/asl-cases.md describes the format. */
export interface AslCase {
  readonly id: string;
  readonly definition: JsonObject;
  readonly input: Json;
  readonly lambdas?: Readonly<Record<string, Behaviour>>;
  readonly callbacks?: readonly Callback[];
  readonly expect: Expectation;
}

/** The outcome of running a case. */
export interface Outcome {
  readonly status: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Number of entries by state. */
  readonly visits: Readonly<Record<string, number>>;
  /** The states in order of entry. */
  readonly path: readonly string[];
  /** Task attempts, retries included. */
  readonly taskAttempts: number;
}

/** One way to run a case. */
export interface CaseKind {
  readonly name: string;
  run(aslCase: AslCase): Promise<Outcome>;
  /** Adapts the case's expectation to this way of running it; absent: unchanged. */
  expectation?(aslCase: AslCase): Expectation;
}

/** `{"$repeat": ["s", n]}` is s, n times. */
function expanded(value: Json): Json {
  if (Array.isArray(value)) return value.map(expanded);
  if (!isJsonObject(value)) return value;
  const repeat = value["$repeat"];
  if (Array.isArray(repeat)) return String(repeat[0]).repeat(Number(repeat[1]));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, expanded(inner)]));
}

/** Explains why an item of a file is not a case; undefined if it is one. */
function fault(item: Json): string | undefined {
  if (!isJsonObject(item)) return "is not an object";
  if (typeof item["id"] !== "string") return "has no id";
  if (!isJsonObject(item["definition"])) return "has no definition";
  if (item["input"] === undefined) return "has no input";
  if (!isJsonObject(item["expect"]) || typeof item["expect"]["status"] !== "string")
    return "expects no status";
  return undefined;
}

/** Reads the cases of a file. @throws Error with a message for the file's author */
export async function readCases(file: string): Promise<AslCase[]> {
  let cases: Json;
  try {
    cases = expanded(JSON.parse(await readFile(file, "utf8")) as Json);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(cases)) throw new Error(`${file} is not an array of cases`);
  for (const [index, item] of cases.entries()) {
    const wrong = fault(item);
    if (wrong !== undefined) throw new Error(`${file} is not a case file: item ${index} ${wrong}`);
  }
  return cases as unknown as AslCase[];
}
