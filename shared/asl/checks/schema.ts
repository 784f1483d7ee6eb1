import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { type Machine, type StateNode, scopesOf } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";
import { validateSchema } from "./schema-validator.ts";

/** Fields that hold the user's data, in which asl-validator mistakes keys like `Next` or `States` for fields of the machine. */
const TEMPLATES = new Set([
  "Parameters",
  "ResultSelector",
  "ItemSelector",
  "Credentials",
  "Assign",
  "BatchInput",
  "Arguments",
  "Output",
  "Items",
]);

/**
 * Runs asl-validator over the fields of every state of a machine whose structure is already valid.
 *
 * All states are put side by side into one flat machine: asl-validator tries each branch in both query languages, which doubles
 * its time with each level of nesting, and its paths then name the state. Data is replaced by equivalents that it
 * judges correctly: it does not support empty strings, nulls in arrays, or multi-line expressions.
 */
export function checkSchema(machine: Machine, report: Report): void {
  const nodes = new Map(machine.all.map((state) => [state.name, state]));
  for (const error of validateSchema(flatMachine(machine))) {
    const [, name, ...rest] = pointer(error.schemaError?.instancePath ?? "");
    const named = name ?? /State "(.+)" MUST/s.exec(error.Message)?.[1];
    const node = named === undefined ? undefined : nodes.get(named);
    const field = rest.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
    if (node !== undefined) report(`${node.at}${field}`, reason(node, error.Message));
    else report(named ?? pointer(error.schemaError?.instancePath ?? "").join("."), error.Message);
  }
}

const pointer = (text: string): string[] =>
  text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

function reason(node: StateNode, message: string): string {
  const text = message.replace(/^\S*.*? is invalid\. /s, "");
  return text.includes("exactly one schema in oneOf")
    ? `This does not follow the Amazon States Language for a ${node.type} state in ${node.language}: a field is missing, or its value has the wrong form.`
    : `This does not follow the Amazon States Language: ${text}`;
}

function flatMachine(machine: Machine): JsonObject {
  const taken = new Set(machine.all.map((state) => state.name));
  let count = 0;
  const fresh = (): string => {
    let name = "";
    do name = `stand-in ${count++}`;
    while (taken.has(name));
    return name;
  };
  const entry = fresh();
  const starts = scopesOf(machine).map((scope) => ({
    Variable: "$.start",
    IsPresent: true,
    Next: scope.startAt,
  }));
  const states: [string, Json][] = machine.all.map((state) => [state.name, standIn(state, fresh)]);
  const { States: _states, StartAt: _startAt, QueryLanguage: _language, ...rest } = machine.body;
  return {
    ...rest,
    StartAt: entry,
    States: Object.fromEntries([[entry, { Type: "Choice", Choices: starts }], ...states]),
  };
}

function standIn(state: StateNode, fresh: () => string): JsonObject {
  const body = structuredClone(state.body);
  delete body.Sluice;
  if (humanKind(state) !== undefined) body.Resource = "arn:aws:states:::lambda:invoke";
  if (state.type === "Pass" && Object.hasOwn(body, "Result")) body.Result = 0;
  const contents = (): JsonObject => {
    const name = fresh();
    return { StartAt: name, States: { [name]: { Type: "Succeed" } } };
  };
  if (state.type === "Parallel") body.Branches = [contents()];
  for (const field of ["ItemProcessor", "Iterator"]) {
    if (state.type === "Map" && Object.hasOwn(body, field)) body[field] = contents();
  }
  return { ...tameFields(body, state.language === "JSONata"), QueryLanguage: state.language };
}

/** Replaces the fields that hold the user's data and walks the others. */
function tameFields(value: JsonObject, jsonata: boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      TEMPLATES.has(key) ? template(item, key, jsonata) : tame(item, jsonata, key),
    ]),
  );
}

function tame(value: Json, jsonata: boolean, key: string): Json {
  if (Array.isArray(value)) return value.map((item) => tame(item, jsonata, ""));
  if (isJsonObject(value)) return tameFields(value, jsonata);
  if (!jsonata) return typeof value === "string" && key !== "Comment" ? plainPath(value) : value;
  const constant = key === "Condition" && typeof value === "boolean";
  return constant || jsonataExpression(value) !== undefined ? "{% 1 %}" : value;
}

/** Rewrites what asl-validator does not support in paths: escapes in quoted names, and a dot before a bracket. */
function plainPath(text: string): string {
  if (!/^(?:\$|States\.)/.test(text)) return text;
  return text.replace(/\['(?:[^'\\]|\\.)*'\]/gs, "['name']").replaceAll(".[", "[");
}

function template(value: Json, key: string, jsonata: boolean): Json {
  if (!jsonata) return neutral(value);
  if (jsonataExpression(value) !== undefined) return "{% 1 %}";
  if (key === "Items" && Array.isArray(value)) return [];
  // An Output can be any JSON value; the other fields must be objects or expressions.
  return isJsonObject(value) || key === "Output" ? {} : value;
}

/** Returns a JSONPath template with the same paths, harmless keys and replaced constants. */
function neutral(value: Json): Json {
  if (Array.isArray(value)) return value.map(neutral);
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        `_${key}`,
        key.endsWith(".$") ? (typeof item === "string" ? plainPath(item) : item) : neutral(item),
      ]),
    );
  }
  return "constant";
}
