import { isJsonObject, type Json } from "../../model/json/json.ts";
import {
  inScope,
  type Machine,
  type QueryLanguage,
  type Scope,
  STATE_TYPES,
  type StateNode,
  type StateType,
} from "./machine.ts";
import { plainObject } from "./plain-json.ts";
import type { Report } from "./problems.ts";

/** Step Functions' limit for a state's name, in characters. */
export const MAX_NAME = 80;

interface Reading {
  readonly report: Report;
  readonly language: QueryLanguage;
  readonly all: StateNode[];
  readonly places: Map<string, string>;
}

/**
 * The shape of a definition: scopes and states. Whatever has no such shape is reported and left out,
 * so that later checks can rely on what is there. Undefined when there is nothing to go on with.
 */
export function readMachine(definition: unknown, report: Report): Machine | undefined {
  const body = plainObject(definition, report);
  if (body === undefined) return undefined;
  const language = queryLanguage(body.QueryLanguage, "QueryLanguage", "JSONPath", report);
  const reading: Reading = { report, language, all: [], places: new Map() };
  const top = readScope(reading, body, { depth: 0, at: "", distributed: false });
  return top === undefined ? undefined : { body, language, top, all: reading.all };
}

function queryLanguage(
  value: Json | undefined,
  path: string,
  fallback: QueryLanguage,
  report: Report,
): QueryLanguage {
  if (value === "JSONPath" || value === "JSONata") return value;
  if (value !== undefined) report(path, `QueryLanguage must be "JSONPath" or "JSONata".`);
  return fallback;
}

function readScope(
  reading: Reading,
  body: Json | undefined,
  place: Pick<Scope, "depth" | "at" | "distributed" | "owner">,
): Scope | undefined {
  const { report } = reading;
  if (!isJsonObject(body)) {
    report(place.at, "This must be an object with StartAt and States.");
    return undefined;
  }
  if (!isJsonObject(body.States) || Object.keys(body.States).length === 0) {
    report(inScope(place, "States"), "States must be an object with at least one state.");
    return undefined;
  }
  const { StartAt: startAt } = body;
  if (typeof startAt !== "string") {
    report(inScope(place, "StartAt"), "StartAt is missing: name the state that the flow begins with.");
    return undefined;
  }
  const states = new Map<string, StateNode>();
  const scope: Scope = { ...place, body, startAt, states };
  for (const [name, state] of Object.entries(body.States)) {
    const node = readState(reading, scope, name, state);
    if (node !== undefined) states.set(name, node);
  }
  return scope;
}

const isStateType = (value: Json | undefined): value is StateType =>
  STATE_TYPES.some((type) => type === value);

function readState(reading: Reading, scope: Scope, name: string, body: Json): StateNode | undefined {
  const { report } = reading;
  const at = inScope(scope, `States.${name}`);
  checkName(reading, name, at);
  if (!isJsonObject(body)) {
    report(at, "A state must be an object.");
    return undefined;
  }
  if (!isStateType(body.Type)) {
    report(`${at}.Type`, `Type must be one of ${STATE_TYPES.join(", ")}.`);
    return undefined;
  }
  const language = queryLanguage(body.QueryLanguage, `${at}.QueryLanguage`, reading.language, report);
  if (reading.language === "JSONata" && language === "JSONPath") {
    report(
      `${at}.QueryLanguage`,
      "A state of a JSONata flow cannot go back to JSONPath; take QueryLanguage off the flow and set it on the states.",
    );
  }
  const inner: Scope[] = [];
  const node: StateNode = { name, type: body.Type, body, at, language, scope, inner };
  reading.all.push(node);
  for (const part of innerBodies(node, report)) {
    const read = readScope(reading, part.body, {
      depth: scope.depth + 1,
      at: `${at}.${part.field}`,
      distributed: scope.distributed || part.distributed,
      owner: { state: node, ...(part.branch === undefined ? {} : { branch: part.branch }) },
    });
    if (read !== undefined) inner.push(read);
  }
  return node;
}

function checkName({ report, places }: Reading, name: string, at: string): void {
  if (name.length === 0 || name.length > MAX_NAME) {
    report(at, `A state's name must have 1 to ${MAX_NAME} characters; this one has ${name.length}.`);
  }
  const other = places.get(name);
  if (other !== undefined)
    report(at, `The name is used twice, also at ${other}; state names must be unique in the whole flow.`);
  else places.set(name, at);
}

interface InnerBody {
  readonly field: string;
  readonly body: Json | undefined;
  readonly distributed: boolean;
  readonly branch?: number;
}

function innerBodies({ type, body, at }: StateNode, report: Report): InnerBody[] {
  if (type === "Parallel") {
    if (Array.isArray(body.Branches) && body.Branches.length > 0) {
      return body.Branches.map((branch, index) => ({
        field: `Branches[${index}]`,
        body: branch,
        distributed: false,
        branch: index,
      }));
    }
    report(`${at}.Branches`, "Branches must be a list with at least one branch.");
  }
  if (type === "Map") {
    const field = Object.hasOwn(body, "ItemProcessor") ? "ItemProcessor" : "Iterator";
    const processor = body[field];
    if (field === "ItemProcessor" && Object.hasOwn(body, "Iterator")) {
      report(`${at}.Iterator`, "A Map has either ItemProcessor or Iterator, not both.");
    }
    if (processor === undefined) report(`${at}.ItemProcessor`, "A Map needs an ItemProcessor.");
    else return [{ field, body: processor, distributed: isDistributed(processor) }];
  }
  return [];
}

function isDistributed(processor: Json): boolean {
  const config: Json | undefined = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  return isJsonObject(config) && config.Mode === "DISTRIBUTED";
}

/** Fields of a scope beside StartAt and States, for the check of unknown ones. */
export function scopeFields(scope: Scope): ReadonlySet<string> {
  const common = ["Comment", "StartAt", "States"];
  if (scope.owner === undefined) return new Set([...common, "Version", "TimeoutSeconds", "QueryLanguage"]);
  return new Set(scope.owner.branch === undefined ? [...common, "ProcessorConfig"] : common);
}
