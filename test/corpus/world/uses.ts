import { jsonataExpression, valuesOf } from "../../../shared/asl/parse/expressions.ts";
import type { Machine, StateNode } from "../../../shared/asl/parse/machine.ts";
import { isJsonObject } from "../../../shared/model/json/json.ts";
import { usesOfRule } from "./choice-uses.ts";
import { usesOfJsonata } from "./jsonata-uses.ts";
import { type Kind, type Use, use, usesOfPath } from "./paths.ts";

const KIND_OF_FIELD: Readonly<Record<string, Kind>> = {
  ItemsPath: "array",
  Items: "array",
  TimestampPath: "time",
  Timestamp: "time",
};
const NUMBER = /^(?:Timeout|Heartbeat)?Seconds|^MaxConcurrency|^ToleratedFailure|^MaxItems|^MaxInputBytes/;

const kindOf = (field: string): Kind => KIND_OF_FIELD[field] ?? (NUMBER.test(field) ? "number" : "any");

/** Everything that a machine's states read of their inputs and results. */
export function usesOf(machine: Machine): Use[] {
  const own = machine.all.flatMap(usesOfState);
  const named = [...own, ...throughAliases(machine, own)];
  return [...named, ...behindPaths(machine, named)];
}

/** Returns the values that one state reads. */
export function usesOfState(state: Pick<StateNode, "body" | "at" | "type" | "language">): Use[] {
  if (state.language === "JSONata")
    return [...valuesOf(state)].flatMap(({ value, key }) => {
      const expression = jsonataExpression(value);
      return expression === undefined ? [] : usesOfJsonata(expression, kindOf(key));
    });
  const { Choices: choices, InputPath: inputPath, ItemsPath: itemsPath, ItemReader: reader } = state.body;
  const isList = state.type === "Map" && itemsPath === undefined && reader === undefined;
  const list = isList ? usesOfPath(typeof inputPath === "string" ? inputPath : "$", "array") : [];
  const rules = Array.isArray(choices) ? choices.filter(isJsonObject) : [];
  return [
    ...list.filter(({ path }) => path.length > 0),
    ...rules.flatMap(usesOfRule),
    ...[...valuesOf(state)].flatMap(({ value, key }) =>
      typeof value === "string" && isRead(key, value) ? usesOfText(value, kindOf(key)) : [],
    ),
  ];
}

const isRead = (key: string, value: string): boolean =>
  (key.endsWith(".$") || key.endsWith("Path")) && key !== "ResultPath" && /^(\$|States\.)/.test(value);

/** Returns a path, or the paths in an intrinsic function, each with the kind that the innermost function accepts. */
function usesOfText(text: string, kind: Kind): Use[] {
  if (text.startsWith("$")) return usesOfPlace(text, kind);
  const open: { readonly name: string; argument: number }[] = [];
  const found: Use[] = [];
  for (const [token] of text.matchAll(
    /States\.\w+\(|'(?:[^'\\]|\\.)*'|\$(?:[^,()[\]\s]|\[[^\]]*\])*|[(),]/g,
  )) {
    const inner = open.at(-1);
    if (token.startsWith("States.")) open.push({ name: token.slice(7, -1), argument: 0 });
    else if (token === ")") open.pop();
    else if (token === "," && inner !== undefined) inner.argument += 1;
    else if (token.startsWith("$")) found.push(...usesOfPlace(token, kindOfArgument(inner)));
  }
  return found;
}

const usesOfPlace = (text: string, kind: Kind): Use[] =>
  text.startsWith("$$.") ? usesOfContext(text, kind) : usesOfPath(text, kind);

/** The kinds of the arguments of intrinsic functions; the last one repeats. */
const ARGUMENTS: Readonly<Record<string, readonly Kind[]>> = {
  StringToJson: ["json text"],
  Base64Decode: ["base64"],
  ArrayPartition: ["array", "number"],
  ArrayContains: ["array", "any"],
  ArrayGetItem: ["array", "number"],
  ArrayLength: ["array"],
  ArrayUnique: ["array"],
  ArrayRange: ["number"],
  MathAdd: ["number"],
  MathRandom: ["number"],
  JsonMerge: ["object"],
};

function kindOfArgument(call: { readonly name: string; readonly argument: number } | undefined): Kind {
  const kinds = ARGUMENTS[call?.name ?? ""] ?? [];
  return kinds[call?.argument ?? 0] ?? kinds.at(-1) ?? "any";
}

function usesOfContext(text: string, kind: Kind): Use[] {
  const inner = /^\$\$\.(?:Execution\.Input|Map\.Item\.Value)(?<path>.*)$/.exec(text)?.groups?.["path"];
  return inner === undefined ? [] : usesOfPath(`$${inner}`, kind);
}

/** Moves reads after an InputPath or OutputPath to the place that it points to. */
function behindPaths(machine: Machine, uses: readonly Use[]): Use[] {
  const prefixes = new Map<string, readonly string[]>();
  for (const { body } of machine.all)
    for (const path of [body["InputPath"], body["OutputPath"]])
      if (typeof path === "string" && /^\$[.[]/.test(path))
        prefixes.set(path, usesOfPath(path).at(-1)?.path ?? []);
  return [...prefixes.values()].flatMap((prefix) =>
    uses.map(({ path, kind, values }) => use([...prefix, ...path], kind, values)),
  );
}

/** Moves reads of `$.x` after a state has set `"x.$": "$.y"` to `$.y`. */
function throughAliases(machine: Machine, uses: readonly Use[]): Use[] {
  return machine.all.flatMap((state) =>
    [...valuesOf(state)].flatMap(({ value, key }) => {
      if (!key.endsWith(".$") || typeof value !== "string" || !/^\$[.[]/.test(value)) return [];
      const [origin] = usesOfPath(value).slice(-1);
      const name = key.slice(0, -2);
      return uses.flatMap(({ path, kind, values }) => {
        const at = path.indexOf(name);
        if (
          origin === undefined ||
          at < 0 ||
          (at === path.length - 1 && kind === "any" && values.length === 0)
        )
          return [];
        return [use([...origin.path, ...path.slice(at + 1)], kind, values)];
      });
    }),
  );
}
