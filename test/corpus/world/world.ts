import { integrationOf } from "../../../local/step-functions/definition/task-resource.ts";
import { argumentsField, type Machine, type StateNode } from "../../../shared/asl/parse/machine.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { listsOf } from "./lists.ts";
import { usesOfPath } from "./paths.ts";
import { isParticular, sample, shapeOf } from "./shape.ts";
import { usesOf } from "./uses.ts";

/** The surroundings of a flow's run: its input, and the functions and stubs that answer its calls. */
export interface World {
  readonly input: Json;
  /** The answers to a caller's first call, second call and so on; then from the start again. */
  readonly answers: readonly Json[];
  /** Names of the functions that exist. */
  readonly functions: readonly string[];
  /** Names of the stubs that answer instead of services. */
  readonly stubs: readonly string[];
  /** The error of a callee's first call, by the callee's name. */
  readonly faults: Readonly<Record<string, string>>;
  /** Names of functions and stubs whose answers are arrays. */
  readonly lists: readonly string[];
  /** The places of functions' and stubs' results for which the flow needs a particular value. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** The configurations of the ItemReaders that read an object. */
  readonly readers: readonly JsonObject[];
  /** The prefixes of the objects that ItemReaders list. */
  readonly prefixes: readonly string[];
}

/** The number of rounds, divisible by the number of values of most fields. */
const ROUNDS = 12;
/** Services that exist on the local stack and accept any message. */
const REAL = /^(sqs\.sendMessage|sns\.publish|events\.putEvents)$/;

/** With faults, each callee whose failure a Retry or Catch handles fails its first call. */
export type Weather = "fair" | "faults";

/** Creates an input and answers with which a flow gets as far as possible. */
export function worldOf(machine: Machine): World {
  const shape = shapeOf(usesOf(machine));
  const answers = Array.from({ length: ROUNDS }, (_, round) => sample(shape, round));
  const callees = machine.all.flatMap(calleesOf);
  const lists = listsOf(machine);
  const named = (kind: Callee["kind"]) => [
    ...new Set(callees.filter((callee) => callee.kind === kind).map(({ name }) => name)),
  ];
  return {
    input: lists.input ? [sample(shape, 0, "-0"), sample(shape, 0, "-1")] : sample(shape, 0),
    answers,
    lists: [...lists.results].flatMap((state) => calleesOf(state).map(({ name }) => name)),
    functions: named("function"),
    stubs: named("stub"),
    faults: Object.fromEntries(
      callees.flatMap(({ name, fault }) => (fault === undefined ? [] : [[name, fault] as const])),
    ),
    places: Object.fromEntries(
      machine.all.flatMap((state) => {
        const path = placeOf(state);
        if (path === undefined || !isParticular(shape, path)) return [];
        return calleesOf(state).map(({ name }) => [name, path] as const);
      }),
    ),
    ...readersOf(machine, sample(shape, 0)),
  };
}

interface Callee {
  readonly kind: "function" | "stub";
  readonly name: string;
  readonly fault: string | undefined;
}

function calleesOf(state: StateNode): Callee[] {
  const { Resource: resource } = state.body;
  const integration = typeof resource === "string" ? integrationOf(resource) : undefined;
  if (state.type !== "Task" || integration === undefined) return [];
  const fault = faultOf(state);
  if (integration.kind === "function") return functions([integration.resource], fault);
  if (integration.kind === "activity") return [{ kind: "stub", name: `activity.${integration.name}`, fault }];
  const { service, action, pattern } = integration;
  const name = [
    service.replace(":", "."),
    action,
    ...(pattern === undefined ? [] : [pattern.replace(":", ".")]),
  ].join(".");
  if (service === "lambda" && pattern === undefined) return functions(functionNames(state), fault);
  return REAL.test(name) ? [] : [{ kind: "stub", name, fault }];
}

const functions = (references: readonly string[], fault: string | undefined): Callee[] =>
  references.flatMap((reference) => {
    const name = /(?:^|:)function:([\w-]+)/.exec(reference)?.[1] ?? /^[\w-]+/.exec(reference)?.[0];
    return name === undefined ? [] : [{ kind: "function" as const, name, fault }];
  });

/** Returns the literal name, or for a computed name the sample value of its field. */
function functionNames(state: StateNode): string[] {
  const given = state.body[argumentsField(state)];
  if (!isJsonObject(given)) return [];
  const { FunctionName: literal, "FunctionName.$": path } = given;
  const text = typeof literal === "string" ? literal : typeof path === "string" ? path : "";
  if (!/^(\$|\{%)/.test(text)) return [text];
  const last = /([\w-]+)\W*$/.exec(text.replace(/%\}$/, ""))?.[1] ?? "";
  return [last, `${last}-0`, `${last}-1`];
}

/** Returns the place of a Task's whole result. */
function placeOf({ body }: StateNode): readonly string[] | undefined {
  const { ResultPath: path, ResultSelector: selector, Resource: resource } = body;
  const isWrapped = String(resource).includes(":lambda:invoke");
  if (typeof path !== "string" || path === "$" || selector !== undefined || isWrapped) return undefined;
  return usesOfPath(path).at(-1)?.path;
}

/** Returns an error that the state handles. */
function faultOf({ body }: StateNode): string | undefined {
  const handlers = [body["Retry"], body["Catch"]].flatMap((list) => (Array.isArray(list) ? list : []));
  const names = handlers.flatMap((handler) => {
    const equals = isJsonObject(handler) ? handler["ErrorEquals"] : undefined;
    return Array.isArray(equals) ? equals.map(String) : [];
  });
  const own = names.find((name) => !name.startsWith("States."));
  if (own !== undefined) return own;
  return names.some((name) => name === "States.ALL" || name === "States.TaskFailed")
    ? "SomeError"
    : undefined;
}

function readersOf(machine: Machine, input: JsonObject): Pick<World, "readers" | "prefixes"> {
  const found = machine.all.map(({ body }) => body["ItemReader"]).filter((reader) => isJsonObject(reader));
  const isListing = ({ Resource: resource }: JsonObject) => String(resource).endsWith(":listObjectsV2");
  return {
    readers: found
      .filter((reader) => !isListing(reader))
      .map(({ ReaderConfig: config }) => (isJsonObject(config) ? config : {})),
    prefixes: ["", ...found.filter(isListing).flatMap((reader) => prefixesOf(reader, input))],
  };
}

/** Returns a literal prefix, or the sample values of its field. */
function prefixesOf({ Parameters, Arguments }: JsonObject, input: JsonObject): string[] {
  const given = Parameters ?? Arguments;
  if (!isJsonObject(given)) return [];
  const { Prefix: literal, "Prefix.$": path } = given;
  if (typeof literal === "string") return [literal];
  if (typeof path !== "string") return [];
  const [last] = usesOfPath(path).slice(-1);
  const value = last?.path.reduce<Json | undefined>(
    (inner, name) => (isJsonObject(inner) ? inner[name] : undefined),
    input,
  );
  return typeof value === "string" ? [value, `${value}-0`, `${value}-1`] : [];
}
