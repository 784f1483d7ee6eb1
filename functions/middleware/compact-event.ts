import * as v from "valibot";
import type { Json } from "../../shared/model/json/json.ts";
import { executionOfChild, nameInArn, parseExecutionArn } from "../../shared/model/machines/machine-names.ts";
import {
  type ChildOrigin,
  type ChildPlace,
  type CompactOrigin,
  stateInName,
  TASK_EVENT_VERSION,
  type TaskEvent,
} from "../../shared/model/machines/task-events.ts";
import { anyText, gateFields, jsonSchema, timestamp, whole } from "./event-fields.ts";

const state = v.object({ Name: v.string(), EnteredTime: timestamp });
const token = v.pipe(v.string(), v.minLength(1));
const common = {
  v: v.pipe(whole, v.minValue(2), v.maxValue(TASK_EVENT_VERSION, "Comes from a later release")),
  at: v.strictTuple([v.string(), state]),
  flow: v.string(),
};
const waiting = { ...common, at: v.strictTuple([v.string(), state, token]) };
/** The wrapping of a Distributed Map's item: `ChildOrigin`. */
const child = v.exactOptional(v.object({ run: v.string(), map: jsonSchema }));
const visit = { state: v.exactOptional(v.string()), path: v.exactOptional(v.string()) };

const schemas = {
  gate: v.object({
    ...common,
    ...visit,
    child,
    /** Absent for a gate before a step, which `waitingOn` makes one before a wait. */
    kind: v.exactOptional(v.picklist(["complete", "fail"])),
    /** Only of a failure of a state that has no gate before it. */
    entered: v.exactOptional(timestamp),
    /** The caught error of a fail gate. Whoever has a task token can leave out either. */
    failure: v.exactOptional(v.object({ Error: v.nullish(anyText), Cause: v.nullish(anyText) })),
    ...gateFields,
  }),
  park: v.object({ ...waiting, ...visit, child, inline: v.exactOptional(v.boolean()) }),
  human: v.object({
    ...waiting,
    path: visit.path,
    kind: v.picklist(["approval", "form"]),
    entered: timestamp,
    spec: jsonSchema,
  }),
  handOver: v.variant("part", [
    v.object({
      ...common,
      part: v.literal("keep"),
      variable: v.string(),
      value: v.exactOptional(jsonSchema),
    }),
    v.object({ ...common, part: v.literal("leave"), state: v.string() }),
    v.object({ ...common, part: v.literal("arrive") }),
    v.object({ ...common, part: v.literal("variable"), variable: v.string() }),
    v.object({ ...common, part: v.literal("input") }),
  ]),
};

/** Returns the event of version 2 of the task function for `op`, with all its fields. Throws if it is not valid. */
export const compactEvent = (op: TaskEvent["op"], event: unknown, instance: string): TaskEvent =>
  expansions[op](event, (arn) => parseExecutionArn(arn, instance));

type Origin = (arn: string) => ReturnType<typeof parseExecutionArn>;

const expansions: {
  readonly [Op in TaskEvent["op"]]: (event: unknown, origin: Origin) => Extract<TaskEvent, { op: Op }>;
} = {
  gate: (event, origin) => {
    const parsed = v.parse(schemas.gate, event);
    const { at, flow, child, kind, type, path = "", state: named, entered, failure, ...rest } = parsed;
    const isStep = kind === undefined;
    return {
      ...rest,
      ...failureOf(failure),
      ...originOf(origin, at, flow, child),
      op: "gate",
      kind: kind ?? (rest.waitingOn === undefined ? "step" : "wait"),
      ...(isStep ? { type: type ?? "Task" } : {}),
      state: named ?? stateInName(at[1].Name) ?? "",
      path: pathIn(at, child, path),
      entered: entered ?? at[1].EnteredTime,
    };
  },
  park: (event, origin) => {
    const { at, flow, child, state: named, path = "", ...rest } = v.parse(schemas.park, event);
    const state = named ?? stateInName(at[1].Name) ?? "";
    return {
      ...rest,
      ...originOf(origin, at, flow, child),
      op: "park",
      token: at[2],
      state,
      path: pathIn(at, child, path),
      entered: at[1].EnteredTime,
    };
  },
  human: (event, origin) => {
    const { at, flow, path = "", ...rest } = v.parse(schemas.human, event);
    return { ...rest, ...originOf(origin, at, flow), op: "human", token: at[2], state: at[1].Name, path };
  },
  handOver: (event, origin) => {
    const { at, flow, ...rest } = v.parse(schemas.handOver, event);
    const from = { ...originOf(origin, at, flow), op: "handOver" as const };
    return rest.part === "leave" ? { ...rest, ...from, place: at[1].Name } : { ...rest, ...from };
  },
};

/** A caught error without a name or a cause has an empty one. */
const failureOf = (failure: v.InferOutput<typeof schemas.gate>["failure"]) => ({
  ...(failure?.Error ? { error: failure.Error } : {}),
  ...(failure?.Cause ? { cause: failure.Cause } : {}),
});

const originOf = (origin: Origin, at: CompactOrigin, flowId: string, child?: ChildOrigin) => {
  const arn = child === undefined ? at[0] : executionOfChild(at[0], child.run);
  const found = origin(arn);
  if (found === undefined) throw new Error(`Not an execution of Sluice: ${arn}`);
  return { ...found, arn, flowId, ...(child === undefined ? {} : { child: placeOf(at, child) }) };
};

/** The path of a visit, after those of the children around it. */
const pathIn = (at: CompactOrigin, child: ChildOrigin | undefined, path: string): string =>
  [
    ...(child === undefined ? [] : placeOf(at, child)).map(
      ([around, map, name]) => `${around === "" ? "" : `${around}/`}${map}[${name}]`,
    ),
    ...(path === "" ? [] : [path]),
  ].join("/");

const textsIn = (value: Json): readonly string[] =>
  Array.isArray(value) ? value.flatMap(textsIn) : [String(value)];

const placeOf = ([arn]: CompactOrigin, { map }: ChildOrigin): ChildPlace => {
  const texts = [...textsIn(map), nameInArn(arn)];
  return Array.from({ length: Math.floor(texts.length / 3) }, (_, index) => {
    const [path = "", name = "", child = ""] = texts.slice(3 * index, 3 * index + 3);
    return [path, name, child];
  });
};
