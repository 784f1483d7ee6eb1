import {
  type Machine,
  type Scope,
  type StateNode,
  transitionsOf,
} from "../../../shared/asl/parse/machine.ts";
import { ITEM } from "./paths.ts";
import { usesOfState } from "./uses.ts";

/** The places where a flow needs an array instead of an object. */
export interface Lists {
  readonly input: boolean;
  /** States whose result must be an array. */
  readonly results: ReadonlySet<StateNode>;
}

/** Finds the states that read their whole input as an array, and the source of that input. */
export function listsOf(machine: Machine): Lists {
  const results = new Set<StateNode>();
  let input = false;
  const seen = new Set<StateNode>();
  const open = machine.all.filter(readsArray);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    for (const maker of makersOf(state.scope, state.name)) {
      if (maker.type === "Task") results.add(maker);
      else if (PASSES_ON.has(maker.type)) open.push(maker);
    }
    if (state.scope.startAt !== state.name) continue;
    const { owner } = state.scope;
    if (owner === undefined) input = true;
    else if (owner.state.type === "Parallel") open.push(owner.state);
  }
  return { input, results };
}

/** A Map or Parallel returns an array anyway. */
const PASSES_ON = new Set(["Pass", "Choice", "Wait"]);

function readsArray(state: StateNode): boolean {
  const { ItemsPath: path, Items: items, ItemReader: reader, InputPath: inputPath } = state.body;
  if (inputPath !== undefined && inputPath !== "$") return false;
  const isList = state.type === "Map" && items === undefined && reader === undefined && (path ?? "$") === "$";
  if (isList) return true;
  const own = { ...state.body };
  // The selectors and OutputPath read results.
  for (const field of ["ResultSelector", "OutputPath", "ItemSelector"]) delete own[field];
  return usesOfState({ ...state, body: own }).some((use) => use.path[0] === ITEM);
}

const makersOf = (scope: Scope, name: string): StateNode[] =>
  [...scope.states.values()].filter(
    (state) =>
      (state.body["ResultPath"] ?? "$") === "$" && transitionsOf(state).some(({ target }) => target === name),
  );
