import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import {
  amount,
  anything,
  type FieldChecks,
  flag,
  object,
  type Place,
  referencePath,
  template,
  text,
  type ValueCheck,
  variable,
} from "./value-checks.ts";

const each = (names: string, valueCheck: ValueCheck): FieldChecks =>
  Object.fromEntries(names.split(" ").map((name) => [name, valueCheck]));
const compared = (type: string, operators: string, valueCheck: ValueCheck): FieldChecks => ({
  ...each(operators.replaceAll(/\S+/g, `${type}$&`), valueCheck),
  ...each(operators.replaceAll(/\S+/g, `${type}$&Path`), referencePath),
});
const ORDER = "Equals GreaterThan GreaterThanEquals LessThan LessThanEquals";

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
const COMPARISONS: FieldChecks = {
  ...each("IsNull IsPresent IsBoolean IsNumeric IsString IsTimestamp", flag),
  ...compared("Boolean", "Equals", flag),
  ...compared("Numeric", ORDER, amount),
  ...compared("String", ORDER, text),
  ...compared("Timestamp", ORDER, text),
  StringMatches: text,
};
const COMBINATIONS = ["And", "Or", "Not"];

export const choices: ValueCheck = (value, place) => {
  if (!Array.isArray(value) || value.length === 0) {
    place.report(place.at, "Choices must be an array of at least one rule.");
    return;
  }
  for (const [index, rule] of value.entries()) {
    const at = { ...place, at: `${place.at}[${index}]` };
    if (!isJsonObject(rule)) object(rule, at);
    else {
      if (rule.Next === undefined) at.report(at.at, "Next is missing. Name the state to go to.");
      else text(rule.Next, { ...at, at: `${at.at}.Next` });
      if (place.language === "JSONPath") checkRule(rule, at, true);
      else checkCondition(rule, at);
    }
  }
};

function checkCondition(rule: JsonObject, place: Place): void {
  checkKnown(rule, ["Condition", "Next", "Assign", "Output"], place);
  const { Condition: condition } = rule;
  const isExpression = typeof condition === "string" && condition.startsWith("{%");
  if (condition === undefined) place.report(place.at, "Condition is missing.");
  else if (typeof condition !== "boolean" && !isExpression)
    place.report(`${place.at}.Condition`, "Condition must be a JSONata expression.");
}

function checkRule(rule: JsonObject, place: Place, outermost: boolean): void {
  const known = [...COMBINATIONS, "Variable", ...Object.keys(COMPARISONS)];
  const allKnown = checkKnown(rule, outermost ? [...known, "Next", "Assign"] : known, place);
  const tests = Object.keys(rule).filter(
    (key) => COMBINATIONS.includes(key) || Object.hasOwn(COMPARISONS, key),
  );
  const [name] = tests;
  if (tests.length === 0 && !allKnown) return;
  if (tests.length !== 1 || name === undefined) {
    place.report(
      place.at,
      tests.length === 0
        ? "The rule has no comparison, such as StringEquals or IsPresent."
        : `The rule has several comparisons (${tests.join(", ")}). Combine them with And.`,
    );
    return;
  }
  const field = { ...place, at: `${place.at}.${name}` };
  const value = rule[name] ?? null;
  if (COMBINATIONS.includes(name)) checkCombination(name, value, field);
  else {
    if (rule.Variable === undefined) place.report(place.at, "Variable is missing.");
    else variable(rule.Variable, { ...place, at: `${place.at}.Variable` });
    (COMPARISONS[name] ?? anything)(value, field);
  }
  if (rule.Assign !== undefined) template(rule.Assign, { ...place, at: `${place.at}.Assign` });
}

function checkCombination(name: string, value: Json, place: Place): void {
  const rules = name === "Not" ? [value] : value;
  if (!Array.isArray(rules) || rules.length === 0) {
    place.report(place.at, `${name} must be an array of at least one rule.`);
    return;
  }
  for (const [index, rule] of rules.entries()) {
    const at = name === "Not" ? place : { ...place, at: `${place.at}[${index}]` };
    if (isJsonObject(rule)) checkRule(rule, at, false);
    else object(rule, at);
  }
}

/** Returns whether all fields are known. */
function checkKnown(rule: JsonObject, known: readonly string[], { at, report }: Place): boolean {
  const unknown = Object.keys(rule).filter((key) => key !== "Comment" && !known.includes(key));
  for (const key of unknown) {
    report(
      `${at}.${key}`,
      key === "Next" || key === "Assign"
        ? `Only the outermost rule can have ${key}.`
        : "Unknown field of a choice rule.",
    );
  }
  return unknown.length === 0;
}
