import { concat, type Expression } from "../parse/jsonata-text.ts";
import type { Scope } from "../parse/machine.ts";
import { pathVariable } from "./plan.ts";

/** Where the states of a scope are visited: "" at the top level, else e.g. `Fan[1]/Each[17]`. */
export interface VisitPath {
  readonly expression: Expression;
  /** The same as a JSONPath intrinsic function or reference. */
  readonly jsonPath: string;
  /** Known from the text alone: no iteration of a Map is on the way. */
  readonly constant: string | undefined;
}

type Part = string | { readonly expression: Expression; readonly jsonPath: string };

/**
 * The index of an iteration is read only where the Map itself is the innermost container. Further in it comes from the variable
 * that the container's gate has assigned, so nothing hangs on what the context object holds inside a Parallel inside a Map.
 */
export function visitPath(scope: Scope): VisitPath {
  const parts = partsOf(scope);
  const [only = ""] = parts;
  return {
    expression: concat(parts),
    jsonPath: format(parts),
    constant: parts.length === 1 && typeof only === "string" ? only : undefined,
  };
}

const INDEX: Part = {
  expression: "$string($states.context.Map.Item.Index)",
  jsonPath: "$$.Map.Item.Index",
};
const variable = (name: string): Part => ({ expression: `$${name}`, jsonPath: `$${name}` });

/** What stands for itself in a string of an intrinsic function is escaped (ASL specification, "Intrinsic Functions"). */
const escaped = (text: string): string => text.replaceAll(/[\\'{}]/g, "\\$&");

function format(parts: readonly Part[]): string {
  const template = parts.map((part) => (typeof part === "string" ? escaped(part) : "{}")).join("");
  const values = parts.flatMap((part) => (typeof part === "string" ? [] : [part.jsonPath]));
  return `States.Format(${[`'${template}'`, ...values].join(", ")})`;
}

function partsOf({ owner }: Scope): Part[] {
  if (owner === undefined) return [""];
  const { state, branch } = owner;
  const outer = visitPath(state.scope);
  const prefix: Part[] =
    outer.constant === undefined
      ? [variable(pathVariable(state.scope.depth)), "/"]
      : [outer.constant === "" ? "" : `${outer.constant}/`];
  const index: Part[] = branch === undefined ? ["[", INDEX, "]"] : [`[${branch}]`];
  return joined([...prefix, state.name, ...index]);
}

function joined(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === "string" && typeof last === "string") result[result.length - 1] = last + part;
    else result.push(part);
  }
  return result;
}
