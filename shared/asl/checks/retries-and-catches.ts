import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

const RETRY_FIELDS = [
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
  "Comment",
];
const CATCH_FIELDS = ["ErrorEquals", "Next", "Assign", "Comment"];

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function checkRetriesAndCatches(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    if (state.type !== "Task" && state.type !== "Parallel" && state.type !== "Map") continue;
    const catchFields = [...CATCH_FIELDS, state.language === "JSONPath" ? "ResultPath" : "Output"];
    eachEntry(state, "Retry", RETRY_FIELDS, report, checkRetrier);
    eachEntry(state, "Catch", catchFields, report, (catcher, at) => {
      if (catcher.Next === undefined) report(at, "Next is missing. Name the state that handles the error.");
      else if (typeof catcher.Next !== "string") report(`${at}.Next`, "Next must be the name of a state.");
    });
  }
}

function eachEntry(
  { body, at }: StateNode,
  field: "Retry" | "Catch",
  known: readonly string[],
  report: Report,
  check: (entry: JsonObject, at: string, report: Report) => void,
): void {
  const list = body[field];
  if (list === undefined) return;
  if (!Array.isArray(list)) {
    report(`${at}.${field}`, `${field} must be an array.`);
    return;
  }
  for (const [index, entry] of list.entries()) {
    const path = `${at}.${field}[${index}]`;
    if (!isJsonObject(entry)) {
      report(path, `Each entry of ${field} must be an object.`);
      continue;
    }
    for (const key of Object.keys(entry)) {
      if (!known.includes(key))
        report(`${path}.${key}`, `Unknown field. Known fields here: ${known.join(", ")}.`);
    }
    if (entry.ErrorEquals === undefined) report(path, "ErrorEquals is missing. List the errors to match.");
    else checkErrorEquals(entry.ErrorEquals, `${path}.ErrorEquals`, index === list.length - 1, report);
    check(entry, path, report);
  }
}

function checkErrorEquals(names: Json, path: string, last: boolean, report: Report): void {
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    !names.every((name) => typeof name === "string" && name !== "")
  ) {
    report(path, "ErrorEquals must be an array of at least one error name.");
    return;
  }
  if (names.includes("States.ALL") && (names.length > 1 || !last)) {
    report(path, "States.ALL must be the only error name of its entry, and its entry the last one.");
  }
}

const isCount = (value: Json | undefined, least: number): boolean =>
  value === undefined ||
  (typeof value === "number" && Number.isInteger(value) && value >= least && value <= 99_999_999);

function checkRetrier(entry: JsonObject, at: string, report: Report): void {
  if (!isCount(entry.IntervalSeconds, 1))
    report(`${at}.IntervalSeconds`, "IntervalSeconds must be an integer from 1 to 99999999.");
  if (!isCount(entry.MaxAttempts, 0))
    report(`${at}.MaxAttempts`, "MaxAttempts must be an integer from 0 to 99999999.");
  if (!isCount(entry.MaxDelaySeconds, 1))
    report(`${at}.MaxDelaySeconds`, "MaxDelaySeconds must be an integer from 1 to 99999999.");
  const { BackoffRate: rate, JitterStrategy: jitter } = entry;
  if (rate !== undefined && !(typeof rate === "number" && rate >= 1))
    report(`${at}.BackoffRate`, "BackoffRate must be a number of at least 1.");
  if (jitter !== undefined && jitter !== "FULL" && jitter !== "NONE")
    report(`${at}.JitterStrategy`, `JitterStrategy must be "FULL" or "NONE".`);
}
