/**
 * A flow's definition, reduced to what the graph shows. Anything invalid is omitted, because an editor also shows incomplete
 * flows.
 */
export interface GraphState {
  readonly name: string;
  readonly type: string;
  /** The resource of a Task. */
  readonly resource?: string;
  /** The branches of a Parallel, or the only scope of a Map. */
  readonly scopes: readonly GraphScope[];
}
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "next" | "choice" | "default" | "catch";
  readonly label?: string;
}
export interface GraphScope {
  readonly startAt: string;
  readonly states: readonly GraphState[];
  readonly edges: readonly GraphEdge[];
}

/** The points before the first state and after the last. */
export const START = "\u0000start";
export const END = "\u0000end";
/** An edge by its ends. Names of states are unique in a flow. */
export const edgeKey = (from: string, to: string): string => JSON.stringify([from, to]);

/** Whether a state of this type is a step of its own in the list of a run's steps. */
export const isStep = (type: string): boolean => ["Task", "Wait", "Parallel", "Map"].includes(type);
/** Whether a state of this type has branches or iterations. */
export const hasBranches = (type: string): boolean => type === "Parallel" || type === "Map";

/** The variables that the top-level states of a flow assign, by which a run can be given values. */
export const variablesOf = (definition: unknown): string[] => {
  const states = isObject(definition) && isObject(definition["States"]) ? definition["States"] : {};
  const assigns = objects(Object.values(states)).flatMap((state) => [
    state["Assign"],
    ...[...objects(state["Choices"]), ...objects(state["Catch"])].map((rule) => rule["Assign"]),
  ]);
  const names = objects(assigns).flatMap((assign) => Object.keys(assign));
  return [...new Set(names.map((name) => name.replace(/\.\$$/, "")))];
};

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const readScope = (definition: unknown): GraphScope => {
  const states = isObject(definition) && isObject(definition["States"]) ? definition["States"] : {};
  const named = Object.entries(states).flatMap(([name, state]) => (isObject(state) ? [{ name, state }] : []));
  const names = new Set(named.map(({ name }) => name));
  return {
    startAt: (isObject(definition) ? text(definition["StartAt"]) : undefined) ?? "",
    states: named.map(({ name, state }) => readState(name, state)),
    edges: named.flatMap(({ name, state }) => edgesOf(name, state)).filter(({ to }) => names.has(to)),
  };
};

const readState = (name: string, state: Fields): GraphState => {
  const resource = text(state["Resource"]);
  const iterator = state["ItemProcessor"] ?? state["Iterator"];
  return {
    name,
    type: text(state["Type"]) ?? "",
    ...(resource === undefined ? {} : { resource }),
    scopes: [...objects(state["Branches"]), ...(isObject(iterator) ? [iterator] : [])].map(readScope),
  };
};

const edgesOf = (from: string, state: Fields): GraphEdge[] => {
  const edge = (kind: GraphEdge["kind"], to: unknown, label?: string): GraphEdge[] =>
    typeof to === "string" ? [{ from, to, kind, ...(label === undefined ? {} : { label }) }] : [];
  return [
    ...edge("next", state["Next"]),
    ...objects(state["Choices"]).flatMap((rule) => edge("choice", rule["Next"], ruleText(rule))),
    ...edge("default", state["Default"], "otherwise"),
    ...objects(state["Catch"]).flatMap((catcher) => edge("catch", catcher["Next"], caught(catcher))),
  ];
};

const caught = (catcher: Fields): string => {
  const errors = Array.isArray(catcher["ErrorEquals"]) ? catcher["ErrorEquals"].map(String) : [];
  return errors.includes("States.ALL") ? "any error" : errors.join(", ");
};

/** A short form of a choice rule: its condition, or its variable and comparison. */
const ruleText = (rule: Fields): string => {
  const condition = text(rule["Condition"]);
  if (condition !== undefined) return shortened(condition.replace(/^\{%\s*|\s*%\}$/g, ""));
  const comment = text(rule["Comment"]);
  if (comment !== undefined) return shortened(comment);
  const variable = text(rule["Variable"]);
  const comparison = Object.keys(rule).find((key) => !["Variable", "Next", "Assign", "Output"].includes(key));
  if (comparison === undefined) return "";
  if (variable === undefined) return comparison.toLowerCase();
  const words = comparison.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return shortened(`${variable} ${words} ${JSON.stringify(rule[comparison])}`);
};

const MAX_LABEL = 40;
const shortened = (label: string): string =>
  label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
