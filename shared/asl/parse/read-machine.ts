import { isJsonObject, type Json } from "../../model/json/json.ts";
import { freeReason } from "./free-children.ts";
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

/** Step Functions' limit for the name of a state, in characters. */
export const MAX_STATE_NAME = 80;

interface Reader {
  readonly report: Report;
  readonly language: QueryLanguage;
  readonly all: StateNode[];
  readonly places: Map<string, string>;
  readonly freeChildren: boolean;
}

/**
 * Reads the scopes and states of a definition. Malformed parts are reported and omitted, so that later checks can rely on the
 * rest. Returns undefined if no machine can be read at all. `freeChildren`: the children of a Distributed Map have no gates, whatever
 * they do.
 */
export function readMachine(
  definition: unknown,
  report: Report,
  { freeChildren = false }: { readonly freeChildren?: boolean } = {},
): Machine | undefined {
  const body = plainObject(definition, report);
  if (body === undefined) return undefined;
  // A QueryLanguage that is misplaced among the states is one error, not one per state.
  const misplaced = isJsonObject(body.States) ? body.States.QueryLanguage : undefined;
  const fallback = misplaced === "JSONata" ? misplaced : "JSONPath";
  const language = queryLanguage(body.QueryLanguage, "QueryLanguage", fallback, report);
  const reader: Reader = { report, language, all: [], places: new Map(), freeChildren };
  const top = readScope(reader, body, { depth: 0, at: "", distributed: false, isChild: false, free: false });
  return top === undefined ? undefined : { body, language, top, all: reader.all };
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
  reader: Reader,
  body: Json | undefined,
  place: Omit<Scope, "body" | "startAt" | "states">,
): Scope | undefined {
  const { report } = reader;
  if (!isJsonObject(body)) {
    report(place.at, "This must be an object with StartAt and States.");
    return undefined;
  }
  if (!isJsonObject(body.States) || Object.keys(body.States).length === 0) {
    const at = body.States === undefined ? place.at : inScope(place, "States");
    report(at, "States must be an object with at least one state.");
    return undefined;
  }
  const { StartAt: startAt } = body;
  if (typeof startAt !== "string") {
    if (startAt === undefined) report(place.at, "StartAt is missing. Name the first state.");
    else report(inScope(place, "StartAt"), "StartAt must be the name of a state.");
    return undefined;
  }
  const states = new Map<string, StateNode>();
  const scope: Scope = { ...place, body, startAt, states };
  for (const [name, state] of Object.entries(body.States)) {
    const node = readState(reader, scope, name, state);
    if (node !== undefined) states.set(name, node);
  }
  return scope;
}

const isStateType = (value: Json | undefined): value is StateType =>
  STATE_TYPES.some((type) => type === value);

function readState(reader: Reader, scope: Scope, name: string, body: Json): StateNode | undefined {
  const { report } = reader;
  const at = inScope(scope, `States.${name}`);
  checkName(reader, name, at);
  if (!isJsonObject(body)) {
    const misplaced = name === "QueryLanguage" ? " QueryLanguage belongs next to States, not inside it." : "";
    report(at, `A state must be an object.${misplaced}`);
    return undefined;
  }
  if (!isStateType(body.Type)) {
    report(body.Type === undefined ? at : `${at}.Type`, `Type must be one of ${STATE_TYPES.join(", ")}.`);
    return undefined;
  }
  const language = queryLanguage(body.QueryLanguage, `${at}.QueryLanguage`, reader.language, report);
  if (reader.language === "JSONata" && language === "JSONPath") {
    report(
      `${at}.QueryLanguage`,
      "A state cannot use JSONPath when the flow's QueryLanguage is JSONata. Remove QueryLanguage from the flow and set it on individual states.",
    );
  }
  const inner: Scope[] = [];
  const node: StateNode = { name, type: body.Type, body, at, language, scope, inner };
  reader.all.push(node);
  for (const part of innerBodies(node, report)) {
    const read = readScope(reader, part.body, {
      depth: scope.depth + 1,
      at: `${at}.${part.field}`,
      distributed: scope.distributed || part.distributed,
      isChild: part.distributed,
      free:
        scope.free ||
        (part.distributed && (reader.freeChildren || freeReason(body, part.body ?? null) !== undefined)),
      owner: { state: node, ...(part.branch === undefined ? {} : { branch: part.branch }) },
    });
    if (read !== undefined) inner.push(read);
  }
  return node;
}

function checkName({ report, places }: Reader, name: string, at: string): void {
  if (name.length === 0 || name.length > MAX_STATE_NAME) {
    report(
      at,
      `The name of a state must have 1 to ${MAX_STATE_NAME} characters; this one has ${name.length}.`,
    );
  }
  const other = places.get(name);
  if (other !== undefined)
    report(at, `This name is already used at ${other}. State names must be unique in the whole flow.`);
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
    report(
      body.Branches === undefined ? at : `${at}.Branches`,
      "Branches must be an array with at least one branch.",
    );
  }
  if (type === "Map") {
    const field = Object.hasOwn(body, "ItemProcessor") ? "ItemProcessor" : "Iterator";
    const processor = body[field];
    if (field === "ItemProcessor" && Object.hasOwn(body, "Iterator")) {
      report(`${at}.Iterator`, "A Map can have ItemProcessor or Iterator, but not both.");
    }
    if (processor === undefined) report(at, "ItemProcessor is missing.");
    else return [{ field, body: processor, distributed: isDistributed(processor) }];
  }
  return [];
}

function isDistributed(processor: Json): boolean {
  const config: Json | undefined = isJsonObject(processor) ? processor.ProcessorConfig : undefined;
  return isJsonObject(config) && config.Mode === "DISTRIBUTED";
}
