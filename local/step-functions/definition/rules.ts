import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { isDistributed } from "../model/definition.ts";

/** A diagnostic of ValidateStateMachineDefinition. */
export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly code: string;
  readonly message: string;
  readonly location?: string;
}

export const problem = (message: string, location?: string): Diagnostic => ({
  severity: "ERROR",
  code: "SCHEMA_VALIDATION_FAILED",
  message,
  ...(location === undefined ? {} : { location }),
});

interface Where {
  readonly path: string;
  readonly language: string;
  readonly machineLanguage: string;
  /** Names of the variables that the enclosing regions assign. */
  readonly outer: ReadonlySet<string>;
}

const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/** Problems that the service reports and the schema validator does not. */
export function localProblems(definition: JsonObject): Diagnostic[] {
  const language = definition["QueryLanguage"];
  const machineLanguage = typeof language === "string" ? language : "JSONPath";
  return region(definition, { path: "", language: machineLanguage, machineLanguage, outer: new Set() });
}

/** Reports features that only STANDARD machines have: callbacks, activities, `.sync` and Distributed Maps. */
export function expressProblems(value: JsonObject, path = ""): Diagnostic[] {
  const states = isJsonObject(value["States"]) ? Object.entries(value["States"]) : [];
  return states.flatMap(([name, state]) => {
    if (!isJsonObject(state)) return [];
    const at = `${path}/States/${name}`;
    const processor = state["ItemProcessor"] ?? state["Iterator"];
    return [
      ...expressProblemsOf(state, at),
      ...(isJsonObject(processor) ? expressProblems(processor, `${at}/ItemProcessor`) : []),
      ...objects(state["Branches"]).flatMap((branch, index) =>
        expressProblems(branch, `${at}/Branches[${index}]`),
      ),
    ];
  });
}

function expressProblemsOf(state: JsonObject, at: string): Diagnostic[] {
  const resource = String(state["Resource"] ?? "");
  const pattern = /\.(sync(?::2)?|waitForTaskToken)$/.exec(resource)?.[1];
  if (pattern !== undefined)
    return [
      problem(`Express state machine does not support '.${pattern}' service integration`, `${at}/Resource`),
    ];
  if (resource.includes(":activity:"))
    return [problem("Express state machine does not support Activity", `${at}/Resource`)];
  if (state["Type"] === "Map" && isDistributed(state))
    return [problem("Express state machine does not support a Map state whose mode is DISTRIBUTED", at)];
  return [];
}

function region(value: JsonObject, where: Where): Diagnostic[] {
  const states = value["States"];
  if (!isJsonObject(states)) return [];
  const entries = Object.entries(states).filter((entry): entry is [string, JsonObject] =>
    isJsonObject(entry[1]),
  );
  // The service lets a branch assign a variable that only a Catch of the enclosing state assigns.
  const lasting = new Set(entries.flatMap(([, state]) => namesIn([state, ...objects(state["Choices"])])));
  const assigned = new Set(entries.flatMap(([, state]) => assignedNames(state)));
  const clash = [...assigned].filter((name) => where.outer.has(name));
  const inner = { ...where, outer: new Set([...where.outer, ...lasting]) };
  return [
    ...clash.map((name) =>
      problem(`The variable '${name}' is assigned in an outer scope already`, `${where.path}/States`),
    ),
    ...entries.flatMap(([name, state]) => stateProblems(name, state, inner)),
  ];
}

const namesIn = (holders: readonly JsonObject[]): string[] =>
  holders.flatMap(({ Assign: assign }) =>
    isJsonObject(assign) ? Object.keys(assign).map((name) => name.replace(/\.\$$/, "")) : [],
  );
const assignedNames = (state: JsonObject): string[] =>
  namesIn([state, ...objects(state["Choices"]), ...objects(state["Catch"])]);

function stateProblems(name: string, state: JsonObject, outer: Where): Diagnostic[] {
  const own = state["QueryLanguage"];
  const where = {
    ...outer,
    path: `${outer.path}/States/${name}`,
    language: typeof own === "string" ? own : outer.machineLanguage,
  };
  return [
    ...(name.length > 80 ? [problem("State names may have 80 characters at most", where.path)] : []),
    ...(own === "JSONPath" && where.machineLanguage === "JSONata"
      ? [
          problem(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            where.path,
          ),
        ]
      : []),
    ...variableProblems(state, where),
    ...handlerProblems(state, where),
    ...(state["Type"] === "Task" ? taskProblems(state, where) : []),
    ...(state["Type"] === "Map" ? mapProblems(state, where) : []),
    ...objects(state["Branches"]).flatMap((branch, index) =>
      region(branch, { ...where, path: `${where.path}/Branches[${index}]` }),
    ),
  ];
}

function variableProblems(state: JsonObject, where: Where): Diagnostic[] {
  return assignedNames(state)
    .filter((name) => name === "states" || !/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(name))
    .map((name) => problem(`'${name}' is not a valid variable name`, `${where.path}/Assign`));
}

/** `States.ALL` must be alone, and in the last Retry or Catch. */
function handlerProblems(state: JsonObject, where: Where): Diagnostic[] {
  return ["Retry", "Catch"].flatMap((field) => {
    const handlers = objects(state[field]);
    return handlers.flatMap((handler, index) => {
      const names = handler["ErrorEquals"];
      if (!Array.isArray(names) || !names.includes("States.ALL")) return [];
      if (names.length === 1 && index === handlers.length - 1) return [];
      return [
        problem(
          "'States.ALL' must appear alone and in the last element",
          `${where.path}/${field}[${index}]/ErrorEquals`,
        ),
      ];
    });
  });
}

function taskProblems(state: JsonObject, where: Where): Diagnostic[] {
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  const found: Diagnostic[] = [];
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout)
    found.push(
      problem("HeartbeatSeconds must be smaller than TimeoutSeconds", `${where.path}/HeartbeatSeconds`),
    );
  return found;
}

function mapProblems(state: JsonObject, where: Where): Diagnostic[] {
  const processor = state["ItemProcessor"] ?? state["Iterator"];
  if (!isJsonObject(processor)) return [];
  const config = processor["ProcessorConfig"];
  const distributed = isJsonObject(config) && config["Mode"] === "DISTRIBUTED";
  const refused = distributed ? [] : ["ItemReader", "ResultWriter", "ItemBatcher"];
  const field = state["ItemProcessor"] === undefined ? "Iterator" : "ItemProcessor";
  return [
    ...refused
      .filter((name) => state[name] !== undefined)
      .map((name) =>
        problem(
          `Field '${name}' is not supported in a Map state whose mode is INLINE`,
          `${where.path}/${name}`,
        ),
      ),
    ...region(processor, {
      ...where,
      path: `${where.path}/${field}`,
      // Child workflows do not see their parent's variables and can use the same names.
      outer: distributed ? new Set() : where.outer,
    }),
  ];
}
