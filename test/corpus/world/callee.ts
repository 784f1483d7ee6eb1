import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { Weather, World } from "./world.ts";

/** The files of a world, which its functions and stubs share. */
export const WORLD_FILES = {
  /** A part of the `World`. */
  world: "world.json",
  /** The number of the run and its conditions. */
  run: "run",
  /** The calls, one line each. */
  calls: "calls",
} as const;

/** Ids, times and tokens, which differ from run to run. */
const VOLATILE =
  /AQCAAAAA[\w+/=]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|arn:aws:states:[^"]*/g;

/** `startExecution.sync` answers with the output as a string, `.sync:2` with the output as JSON. */
const OUTPUT_AS_TEXT = "states.startExecution.sync";

/** A function or stub of a world. It records its call, and answers according to the number of earlier equal calls. */
export function callee(root: string, name: string): (event: Json) => Promise<Json> {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const { answers, faults, lists, places } = JSON.parse(read(WORLD_FILES.world)) as Pick<
    World,
    "answers" | "faults" | "lists" | "places"
  >;
  const fault = faults[name];
  const calls = new Map<string, number>();
  let run: string | undefined;
  const answer = (round: number): Json => {
    const { ...one } = answers[round % answers.length] as JsonObject;
    const place = places[name];
    if (place !== undefined) return valueAt(one, place);
    if (name === OUTPUT_AS_TEXT) one["Output"] = JSON.stringify(one["Output"] ?? one);
    return lists.includes(name) ? [one, one] : one;
  };
  return async (event) => {
    const [current, weather] = read(WORLD_FILES.run).split(" ") as [string, Weather];
    if (current !== run) calls.clear();
    run = current;
    appendFileSync(join(root, WORLD_FILES.calls), `${JSON.stringify([name, event])}\n`);
    const key = JSON.stringify(event).replace(VOLATILE, "");
    const count = calls.get(key) ?? 0;
    calls.set(key, count + 1);
    if (fault === undefined || weather === "fair") return answer(count);
    if (count > 0) return answer(count - 1);
    const error = new Error("The first call fails");
    error.name = fault;
    throw error;
  };
}

const valueAt = (value: Json, path: readonly string[]): Json =>
  path.reduce<Json>((inner, name) => (isJsonObject(inner) ? (inner[name] ?? null) : null), value);
