import { END, edgeKey, type GraphScope, isStep, START } from "../../../graph/states.ts";
import { type StepsTree, TOP_LEVEL, type TreeStep } from "./tree.ts";

/** The way of a run through the graph: what it has certainly passed. */
export interface PathTaken {
  /** By `edgeKey`. */
  readonly edges: ReadonlySet<string>;
  /** The states that are no steps, such as a Choice. */
  readonly states: ReadonlySet<string>;
}

/** Where the run went after its last step at the top level. */
interface Outcome {
  /** The state at which it failed or stopped. */
  readonly state?: string | undefined;
  /** Whether it reached the flow's end. */
  readonly hasEnded: boolean;
}

/** Beyond so many ways between two steps, none is followed. */
const MAX_WAYS = 64;

/**
 * Finds out which way the run took. The list of steps names only steps, so the way between two of them is what all ways through
 * Choice, Pass and other states have in common: the rest is not known.
 */
export const pathTaken = <S extends TreeStep>(
  scope: GraphScope,
  { scopes }: Pick<StepsTree<S>, "scopes">,
  outcome: Outcome,
): PathTaken => {
  const home = homes(scope);
  const completed = new Set<string>();
  for (const steps of scopes.values())
    for (const { stepId, status } of steps) if (status === "completed") completed.add(stepId);
  const edges = new Set<string>();
  const states = new Set<string>();
  const seen = new Set<string>();
  const pass = (within: GraphScope, from: string, isCaught: boolean, to: string) => {
    const key = JSON.stringify([from, isCaught, to]);
    if (seen.has(key)) return;
    seen.add(key);
    const way = sharedWay(within, from, isCaught, to);
    for (const edge of way.edges) edges.add(edge);
    for (const state of way.states) states.add(state);
  };
  for (const [key, steps] of new Map<string, readonly S[]>([[TOP_LEVEL, []], ...scopes])) {
    const isTop = key === TOP_LEVEL;
    const within = isTop ? scope : home.get(steps[0]?.name ?? "");
    if (within === undefined) continue;
    let last: S | undefined;
    const goOn = (to: string) => pass(within, last?.name ?? START, last?.status === "failed", to);
    for (const step of steps) {
      goOn(step.name);
      last = step;
    }
    if (isTop && outcome.state !== undefined && outcome.state !== last?.name) goOn(outcome.state);
    if (isTop ? outcome.hasEnded : completed.has(key.slice(0, key.indexOf(" ")))) goOn(END);
  }
  return { edges, states };
};

/** The scope in which each state lies. */
const homes = (scope: GraphScope, found = new Map<string, GraphScope>()): Map<string, GraphScope> => {
  for (const { name, scopes } of scope.states) {
    found.set(name, scope);
    for (const inner of scopes) homes(inner, found);
  }
  return found;
};

interface Way {
  readonly edges: ReadonlySet<string>;
  readonly states: ReadonlySet<string>;
}
const NO_WAY: Way = { edges: new Set(), states: new Set() };

/** Returns what all ways between two states have in common, if only states that are no steps lie between. */
const sharedWay = (scope: GraphScope, from: string, isCaught: boolean, to: string): Way => {
  const types = new Map(scope.states.map(({ name, type }) => [name, type]));
  const next = Map.groupBy(scope.edges, (edge) => edge.from);
  const ways: Way[] = [];
  const follow = (at: string, edges: readonly string[], passed: readonly string[]) => {
    if (ways.length > MAX_WAYS) return;
    const isFirst = at === from;
    const leading = (next.get(at) ?? []).filter(({ kind }) => (kind === "catch") === (isFirst && isCaught));
    const targets = at === START ? [scope.startAt] : [...new Set(leading.map((edge) => edge.to))];
    // A run that reaches a Fail has not reached the end of its flow.
    const isLast = targets.length === 0 && at !== START && types.get(at) !== "Fail";
    if (to === END && isLast && !(isFirst && isCaught))
      ways.push({ edges: new Set([...edges, edgeKey(at, END)]), states: new Set(passed) });
    for (const target of targets) {
      const taken = [...edges, edgeKey(at, target)];
      const isReached = target === to;
      const isPassed = !isStep(types.get(target) ?? "Task") && !passed.includes(target);
      if (isReached) ways.push({ edges: new Set(taken), states: new Set(passed) });
      else if (isPassed) follow(target, taken, [...passed, target]);
    }
  };
  follow(from, [], []);
  const [first, ...others] = ways;
  if (first === undefined || ways.length > MAX_WAYS) return NO_WAY;
  return {
    edges: new Set([...first.edges].filter((edge) => others.every((way) => way.edges.has(edge)))),
    states: new Set([...first.states].filter((state) => others.every((way) => way.states.has(state)))),
  };
};
