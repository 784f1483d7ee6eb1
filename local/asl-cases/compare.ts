import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import type { AslCase, CaseKind, Expectation, Outcome } from "./case.ts";

/** The differences between an actual value and an expected one, which can contain matchers; empty: none. */
function differences(expected: Json | undefined, actual: Json | undefined, at: string): string[] {
  if (isJsonObject(expected)) {
    if (expected["$any"] === true) return [];
    const pattern = expected["$regex"];
    if (typeof pattern === "string")
      return typeof actual === "string" && new RegExp(pattern, "s").test(actual)
        ? []
        : [`${at}: ${show(actual)} does not match /${pattern}/`];
    if (isJsonObject(expected["$jsonContains"])) return containing(expected["$jsonContains"], actual, at);
    if (!isJsonObject(actual)) return [`${at}: ${show(actual)} is not an object`];
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].flatMap((name) => differences(expected[name], actual[name], `${at}.${name}`));
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length)
    return expected.flatMap((value, index) => differences(value, actual[index], `${at}[${index}]`));
  if (
    typeof expected === "string" &&
    typeof actual === "string" &&
    withoutIds(expected) === withoutIds(actual)
  )
    return [];
  return isDeepStrictEqual(expected, actual) ? [] : [`${at}: ${show(actual)} instead of ${show(expected)}`];
}

/**
 * Returns the text without random ids: recordings have eight hexadecimal digits where the inputs of cases have `uid00000`,
 * because the ids in the cases were replaced.
 */
const withoutIds = (text: string): string => text.replace(/\b(uid\d{5}|[0-9a-f]{8})\b/g, "id");

function containing(
  expected: Readonly<Record<string, Json>>,
  actual: Json | undefined,
  at: string,
): string[] {
  let parsed: unknown;
  try {
    parsed = typeof actual === "string" ? JSON.parse(actual) : undefined;
  } catch {
    parsed = undefined;
  }
  if (!isJsonObject(parsed)) return [`${at}: ${show(actual)} is not a JSON object in a string`];
  const object = parsed;
  return Object.entries(expected).flatMap(([name, value]) =>
    differences(value, object[name], `${at}.${name}`),
  );
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** null in an expectation of error or cause means that there must be none. */
const optional = (name: "error" | "cause", expect: Expectation, outcome: Outcome): string[] =>
  expect[name] === undefined ? [] : differences(expect[name] ?? undefined, outcome[name], name);

/** The differences between an outcome and the case's expectation. */
export function compare(expect: Expectation, outcome: Outcome): string[] {
  const counted = {
    visits: { ...outcome.visits },
    path: [...outcome.path],
    taskAttempts: outcome.taskAttempts,
  };
  return [
    ...differences(expect.status, outcome.status, "status"),
    ...(expect.output === undefined ? [] : differences(expect.output, outcome.output, "output")),
    ...optional("error", expect, outcome),
    ...optional("cause", expect, outcome),
    ...(expect.visits ? differences({ ...expect.visits }, counted.visits, "visits") : []),
    ...(expect.path ? differences([...expect.path], counted.path, "path") : []),
    ...(expect.taskAttempts === undefined
      ? []
      : differences(expect.taskAttempts, counted.taskAttempts, "taskAttempts")),
  ];
}

export interface CaseResult {
  readonly id: string;
  /** The differences; empty if the case passed. */
  readonly differences: readonly string[];
}

/** Runs one case after another. An error while a case runs counts as a difference. */
export async function runCases(kind: CaseKind, cases: readonly AslCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const aslCase of cases) {
    try {
      const expected = kind.expectation?.(aslCase) ?? aslCase.expect;
      results.push({ id: aslCase.id, differences: compare(expected, await kind.run(aslCase)) });
    } catch (error) {
      results.push({ id: aslCase.id, differences: [String(error)] });
    }
  }
  return results;
}
