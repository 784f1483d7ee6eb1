import * as v from "valibot";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import type { Json } from "../../shared/model/json/json.ts";
import {
  executionNames,
  executionOfChild,
  nameInArn,
  nativeExecutionName,
  parseExecutionArn,
  parseExecutionName,
} from "../../shared/model/machines/machine-names.ts";
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

const attached = v.exactOptional(
  v.object({
    incarnation: v.string(),
    version: whole,
    startedAt: timestamp,
    redrives: v.exactOptional(whole, 0),
  }),
);

const schemas = {
  gate: v.object({
    ...common,
    ...visit,
    child,
    attached,
    payload: v.exactOptional(jsonSchema),
    /** Absent for a gate before a step, which `waitingOn` makes one before a wait. */
    kind: v.exactOptional(v.picklist(["complete", "fail"])),
    /** Only of a failure of a state that has no gate before it. */
    entered: v.exactOptional(timestamp),
    /** The caught error of a fail gate. Whoever has a task token can leave out either. */
    failure: v.exactOptional(v.object({ Error: v.nullish(anyText), Cause: v.nullish(anyText) })),
    ...gateFields,
  }),
  park: v.object({ ...waiting, ...visit, child, attached, inline: v.exactOptional(v.boolean()) }),
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
      attached,
      part: v.literal("keep"),
      variable: v.string(),
      value: v.exactOptional(jsonSchema),
    }),
    v.object({ ...common, attached, part: v.literal("leave"), state: v.string() }),
    v.object({ ...common, attached, part: v.literal("arrive") }),
    v.object({ ...common, attached, part: v.literal("variable"), variable: v.string() }),
    v.object({ ...common, attached, part: v.literal("input") }),
  ]),
};

/** The alias through which the function was called, and the instance that it belongs to. */
export interface Callee {
  /** The workspace of the alias. Only the machines of attached flows call through one. */
  readonly workspace?: string | undefined;
  readonly instance: string;
}

/** Returns the event of version 2 of the task function for `op`, with all its fields. Throws if it is not valid. */
export const compactEvent = (op: TaskEvent["op"], event: unknown, callee: Callee): TaskEvent =>
  expansions[op](event, callee);

const expansions: {
  readonly [Op in TaskEvent["op"]]: (event: unknown, callee: Callee) => Extract<TaskEvent, { op: Op }>;
} = {
  gate: (event, callee) => {
    const parsed = v.parse(schemas.gate, event);
    const { at, flow, attached: own, child, kind, type, ...more } = parsed;
    const { path = "", state: named, entered, failure, ...rest } = more;
    const isStep = kind === undefined;
    return {
      ...rest,
      ...failureOf(failure),
      ...originOf(callee, at, flow, { attached: own, child }),
      op: "gate",
      kind: kind ?? (rest.waitingOn === undefined ? "step" : "wait"),
      ...(isStep ? { type: type ?? "Task" } : {}),
      state: named ?? stateInName(at[1].Name) ?? "",
      path: pathIn(at, child, path),
      entered: entered ?? at[1].EnteredTime,
    };
  },
  park: (event, callee) => {
    const parsed = v.parse(schemas.park, event);
    const { at, flow, attached: own, child, state: named, path = "", ...rest } = parsed;
    const state = named ?? stateInName(at[1].Name) ?? "";
    return {
      ...rest,
      ...originOf(callee, at, flow, { attached: own, child }),
      op: "park",
      token: at[2],
      state,
      path: pathIn(at, child, path),
      entered: at[1].EnteredTime,
    };
  },
  human: (event, callee) => {
    const { at, flow, path = "", ...rest } = v.parse(schemas.human, event);
    return { ...rest, ...originOf(callee, at, flow), op: "human", token: at[2], state: at[1].Name, path };
  },
  handOver: (event, callee) => {
    const { at, flow, attached: own, ...rest } = v.parse(schemas.handOver, event);
    const from = { ...originOf(callee, at, flow, { attached: own }), op: "handOver" as const };
    return rest.part === "leave" ? { ...rest, ...from, place: at[1].Name } : { ...rest, ...from };
  },
};

/** A caught error without a name or a cause has an empty one. */
const failureOf = (failure: v.InferOutput<typeof schemas.gate>["failure"]) => ({
  ...(failure?.Error ? { error: failure.Error } : {}),
  ...(failure?.Cause ? { cause: failure.Cause } : {}),
});

/** The fields of an event that describe its origin, except the execution. */
interface OriginMarks {
  readonly attached?: v.InferOutput<typeof schemas.gate>["attached"];
  readonly child?: ChildOrigin | undefined;
}

/**
 * The compiled text of an attached flow calls through an alias, which proves the workspace. All other calls come from the machines of managed
 * flows, whose names contain their workspaces.
 */
const originOf = (
  { workspace, instance }: Callee,
  at: CompactOrigin,
  flowId: string,
  { attached, child }: OriginMarks = {},
) => {
  if (attached !== undefined && workspace !== undefined)
    return { ...attachedOrigin(at[0], attached, workspace), flowId };
  const arn = child === undefined ? at[0] : executionOfChild(at[0], child.run);
  const origin = parseExecutionArn(arn, instance);
  if (origin === undefined || attached !== undefined || workspace !== undefined)
    throw new TaskError("notARun", notOwned(arn));
  return { ...origin, arn, flowId, ...(child === undefined ? {} : { child: placeOf(at, child) }) };
};

/** The path of a visit, preceded by the paths of the children around it. */
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

const notOwned = (arn: string): string =>
  `The execution ${arn} has no run. Start a run through Sluice, or attach the state machine to a flow of the workspace whose alias it calls.`;

const attachedOrigin = (
  arn: string,
  { incarnation, version, startedAt, redrives }: NonNullable<v.InferOutput<typeof schemas.gate>["attached"]>,
  workspace: string,
) => {
  const names = executionNames(arn);
  if (names === undefined) throw new TaskError("notARun", notOwned(arn));
  const { machine, execution: name } = names;
  return {
    ...{ workspace, incarnation, arn },
    // An execution with a name like those that Sluice gives may be one of its own. Its run then says so.
    execution: parseExecutionName(name) === undefined ? nativeExecutionName(arn, startedAt) : name,
    attached: { machine, name, version, startedAt, redrives },
  };
};
