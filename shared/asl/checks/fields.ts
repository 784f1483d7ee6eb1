import type { Machine, QueryLanguage, StateType } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { choices } from "./choice-rules.ts";
import { itemBatcher, itemReader, label, resultWriter } from "./map-fields.ts";
import {
  anything,
  array,
  expressionOrObject,
  type FieldChecks,
  integer,
  number,
  path,
  pathOrCall,
  referencePath,
  resultPath,
  template,
  text,
  timestamp,
  type ValueCheck,
} from "./value-checks.ts";

/** The largest number of seconds that a state can wait or take, from the pages of Task and Wait. */
const MAX_SECONDS = 99_999_999;
const MAX_CONCURRENCY = 2_147_483_647;

/** Fields that other checks cover, or whose values can be anything. */
const named = (names: string, valueCheck: ValueCheck = anything): FieldChecks =>
  Object.fromEntries(names.split(" ").map((name) => [name, valueCheck]));

const COMMON: FieldChecks = { ...named("Type QueryLanguage Sluice"), Comment: text };
const TRANSITION = named("Next End");
const HANDLED = named("Retry Catch");
const FILTERS: FieldChecks = { InputPath: path, OutputPath: path };
const RESULT: FieldChecks = { ResultPath: resultPath, ResultSelector: template, Parameters: template };
const ASSIGN: Record<QueryLanguage, FieldChecks> = {
  JSONPath: { Assign: template },
  JSONata: { Assign: expressionOrObject },
};
const TASK: FieldChecks = {
  ...TRANSITION,
  ...HANDLED,
  ...named("Resource Credentials"),
  TimeoutSeconds: integer(1, MAX_SECONDS),
  HeartbeatSeconds: integer(1, MAX_SECONDS),
};
const WAIT: FieldChecks = { ...TRANSITION, Seconds: number(0, MAX_SECONDS), Timestamp: timestamp };
const MAP: FieldChecks = {
  ...TRANSITION,
  ...HANDLED,
  ...named("ItemProcessor Iterator"),
  ItemReader: itemReader,
  ItemBatcher: itemBatcher,
  ResultWriter: resultWriter,
  Label: label,
  MaxConcurrency: integer(0, MAX_CONCURRENCY),
  ToleratedFailureCount: integer(0, Number.MAX_SAFE_INTEGER),
  /** Decimals are allowed: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
  ToleratedFailurePercentage: number(0, 100),
};
const MAP_PATHS = "MaxConcurrencyPath ToleratedFailureCountPath ToleratedFailurePercentagePath";

/** The fields of each type of state: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
const FIELDS: Record<StateType, Record<QueryLanguage, FieldChecks>> = {
  Task: {
    JSONPath: {
      ...{ ...TASK, ...ASSIGN.JSONPath, ...FILTERS, ...RESULT },
      ...named("TimeoutSecondsPath HeartbeatSecondsPath", referencePath),
    },
    JSONata: { ...TASK, ...ASSIGN.JSONata, Arguments: expressionOrObject, Output: anything },
  },
  Pass: {
    JSONPath: {
      ...{ ...TRANSITION, ...ASSIGN.JSONPath, ...FILTERS },
      ...{ ResultPath: resultPath, Parameters: template, Result: anything },
    },
    JSONata: { ...TRANSITION, ...ASSIGN.JSONata, Output: anything },
  },
  Choice: {
    JSONPath: { ...FILTERS, ...ASSIGN.JSONPath, Choices: choices, Default: text },
    JSONata: { ...ASSIGN.JSONata, Choices: choices, Default: text, Output: anything },
  },
  Wait: {
    JSONPath: {
      ...{ ...WAIT, ...ASSIGN.JSONPath, ...FILTERS },
      ...named("SecondsPath TimestampPath", referencePath),
    },
    JSONata: { ...WAIT, ...ASSIGN.JSONata, Output: anything },
  },
  Succeed: { JSONPath: FILTERS, JSONata: { Output: anything } },
  Fail: {
    JSONPath: { Error: text, ErrorPath: pathOrCall, Cause: text, CausePath: pathOrCall },
    JSONata: { Error: text, Cause: text },
  },
  Parallel: {
    JSONPath: {
      ...{ ...TRANSITION, ...HANDLED, ...ASSIGN.JSONPath, ...FILTERS, ...RESULT },
      Branches: anything,
    },
    JSONata: {
      ...{ ...TRANSITION, ...HANDLED, ...ASSIGN.JSONata },
      ...{ Branches: anything, Arguments: expressionOrObject, Output: anything },
    },
  },
  Map: {
    JSONPath: {
      ...{ ...MAP, ...ASSIGN.JSONPath, ...FILTERS, ...RESULT },
      ...named(MAP_PATHS, referencePath),
      ...{ ItemsPath: referencePath, ItemSelector: template },
    },
    JSONata: {
      ...{ ...MAP, ...ASSIGN.JSONata },
      ...{ Items: array, ItemSelector: expressionOrObject, Output: anything },
    },
  },
};

/** Rejects unknown fields, fields of the other query language, and fields with wrong values. */
export function checkFields(machine: Machine, report: Report): void {
  for (const { type, language, body, at } of machine.all) {
    // A QueryLanguage that cannot be read has its own error.
    if (body.QueryLanguage !== undefined && body.QueryLanguage !== language) continue;
    const known: FieldChecks = { ...COMMON, ...FIELDS[type][language] };
    const other: QueryLanguage = language === "JSONPath" ? "JSONata" : "JSONPath";
    for (const [field, value] of Object.entries(body)) {
      const valueCheck = Object.hasOwn(known, field) ? known[field] : undefined;
      if (valueCheck !== undefined) valueCheck(value, { at: `${at}.${field}`, language, report });
      // checkStructure reports the End or Next of a Choice, Succeed or Fail.
      else if (field !== "End" && field !== "Next")
        report(
          `${at}.${field}`,
          Object.hasOwn(FIELDS[type][other], field)
            ? `${field} is a field of ${other}, but this state uses ${language}. Set the state's QueryLanguage to "${other}", or use the fields of ${language}.`
            : `A ${type} state cannot have ${field}. Known fields here: ${Object.keys(known).join(", ")}.`,
        );
    }
  }
}
