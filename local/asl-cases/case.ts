import { readFile } from "node:fs/promises";
import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";

/** What a function of a case does; a sequence has one behavior for each call, the last of which repeats. */
export type Behaviour =
  | "echo"
  | { readonly sequence: readonly Behaviour[] }
  | {
      readonly delayMs?: number;
      readonly return?: Json;
      readonly throw?: { readonly errorType: string; readonly errorMessage: string };
    };

/** What the outside world does with a token of a state; one for each visit, heartbeats apart, which go before an answer. */
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
  /** null: there must be none. */
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

/** What a run of a case came to. */
export interface Outcome {
  readonly status: string;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** How often each state was entered. */
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
  /** What this way makes of what the case expects; the same where it is absent. */
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

/** What keeps an item of a file from being a case; undefined: it is one. */
function fault(item: Json): string | undefined {
  if (!isJsonObject(item)) return "is no object";
  if (typeof item["id"] !== "string") return "has no id";
  if (!isJsonObject(item["definition"])) return "has no definition";
  if (item["input"] === undefined) return "has no input";
  if (!isJsonObject(item["expect"]) || typeof item["expect"]["status"] !== "string")
    return "expects no status";
  return undefined;
}

/** The cases of a file. Throws with a message for its author if it is none. */
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
    if (wrong !== undefined) throw new Error(`${file} is no file of cases: item ${index} ${wrong}`);
  }
  return cases as unknown as AslCase[];
}
