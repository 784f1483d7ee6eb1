import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { ABSENT, ITEM, type Kind, type Use } from "./paths.ts";

/** A value that has every field that a flow reads. */
export interface Shape {
  readonly fields: Map<string, Shape>;
  item: Shape | undefined;
  readonly kinds: Set<Kind>;
  readonly values: (Json | typeof ABSENT)[];
}

const emptyShape = (): Shape => ({ fields: new Map(), item: undefined, kinds: new Set(), values: [] });

/**
 * One shape for the flow's input and for every result. Data moves between fields, so each path also exists without its first names.
 */
export function shapeOf(uses: readonly Use[]): Shape {
  const root = emptyShape();
  for (const one of uses)
    for (let from = 0; from < Math.max(one.path.length, 1); from++)
      if (one.path[from] !== ITEM) add(root, one.path.slice(from), one);
  return root;
}

function add(root: Shape, path: readonly string[], { kind, values }: Use): void {
  let shape = root;
  for (const segment of path) {
    if (segment === ITEM) {
      shape.item ??= emptyShape();
      shape = shape.item;
    } else {
      const known = shape.fields.get(segment) ?? emptyShape();
      shape.fields.set(segment, known);
      shape = known;
    }
  }
  if (path.length === 0) return;
  shape.kinds.add(kind);
  for (const value of values) if (!shape.values.includes(value)) shape.values.push(value);
}

/** The number of items of an array, which differ from each other. */
const ITEMS = 2;
/** A time in the past, so that nothing waits for it. */
const TIME = "2026-01-01T00:00:00Z";

interface Place {
  readonly root: Shape;
  /** 0 for the input and the first answer; the values differ from round to round. */
  readonly round: number;
  /** Arrays around the value. */
  readonly depth: number;
  readonly maxDepth: number;
  /** The part of the whole shape that the items of arrays contain: everything, in the outermost items; all but arrays; or nothing. */
  readonly common: "all" | "fields" | "nothing";
  /** Distinguishes the items of an array. */
  readonly suffix: string;
}

/** Characters; Step Functions takes 256 KiB. */
const MAX_LENGTH = 60_000;

/** Returns a value of the shape, with the values of this round. If it would be too large, arrays are nested less deeply. */
export function sample(root: Shape, round: number, suffix = ""): JsonObject {
  const sizes = [
    { maxDepth: 3, common: "all" },
    { maxDepth: 3, common: "fields" },
    { maxDepth: 4, common: "nothing" },
    { maxDepth: 2, common: "fields" },
    { maxDepth: 1, common: "nothing" },
  ] as const;
  for (const size of sizes) {
    const value = objectOf(root, { root, round, depth: 0, suffix, ...size });
    if (JSON.stringify(value).length <= MAX_LENGTH) return value;
  }
  return {};
}

/** Whether the value at this place matters: the flow distinguishes its values, or reads it as an array. */
export function isParticular(root: Shape, path: readonly string[]): boolean {
  const shape = path.reduce<Shape | undefined>((inner, name) => inner?.fields.get(name), root);
  if (shape === undefined || shape.fields.size > 0) return false;
  const hasValues = shape.values.some((value) => value !== ABSENT && value !== null);
  return hasValues || shape.item !== undefined || PARTICULAR.some((kind) => shape.kinds.has(kind));
}

const PARTICULAR: readonly Kind[] = ["array", "number", "boolean"];

function objectOf(shape: Shape, place: Place): JsonObject {
  const entries = [...shape.fields].flatMap(([name, inner]) => {
    const value = fieldOf(name, inner, place);
    return value === ABSENT ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function fieldOf(name: string, shape: Shape, place: Place): Json | typeof ABSENT {
  const choices = shape.values;
  const isArray = shape.item !== undefined || shape.kinds.has("array");
  const isStructured = shape.fields.size > 0 || isArray;
  // In the first round, values that the flow does not distinguish are present.
  const offered = choices.includes(ABSENT) || isStructured ? [undefined, ...choices] : choices;
  const chosen = offered[place.round % Math.max(offered.length, 1)];
  if (chosen === ABSENT || chosen === null) return chosen;
  if (isArray) return arrayOf(name, shape, place);
  if (isStructured) return objectOf(shape, place);
  return chosen ?? plain(name, shape, place);
}

function arrayOf(name: string, shape: Shape, place: Place): Json {
  if (place.depth >= place.maxDepth) return [];
  return Array.from({ length: ITEMS }, (_, index) => {
    const inner = { ...place, depth: place.depth + 1, suffix: `${place.suffix}-${index}` };
    const item = shape.item;
    if (item !== undefined && item.fields.size === 0 && (item.kinds.size > 0 || item.values.length > 0))
      return scalar(fieldOf(name, item, inner));
    // Items also contain the fields of the whole shape, because a Map's states read them as their input.
    const common =
      place.common === "nothing"
        ? {}
        : objectOf(
            place.root,
            place.common === "all" && place.depth === 0 ? inner : { ...inner, depth: place.maxDepth },
          );
    return { ...common, ...(item === undefined ? {} : objectOf(item, inner)) };
  });
}

const scalar = (value: Json | typeof ABSENT): Json => (value === ABSENT ? null : value);

function plain(name: string, { kinds }: Shape, place: Place): Json {
  if (kinds.has("number")) return 1;
  if (kinds.has("boolean")) return place.round % 2 === 0;
  if (kinds.has("time")) return TIME;
  if (kinds.has("object")) return {};
  if (kinds.has("json text"))
    return place.depth >= place.maxDepth
      ? "{}"
      : JSON.stringify(objectOf(place.root, { ...place, depth: place.depth + 1 }));
  if (kinds.has("base64")) return Buffer.from(name).toString("base64");
  return ATTRIBUTES[name] ?? `${name}${place.suffix}`;
}

/** The attribute types of DynamoDB. */
const ATTRIBUTES: Readonly<Record<string, Json>> = {
  N: "1",
  BOOL: true,
  NULL: true,
  L: [],
  M: {},
  SS: [],
  NS: [],
};
