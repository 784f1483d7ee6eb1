import type { Scope } from "../parse/machine.ts";
import { concat, type Expression } from "./jsonata-text.ts";
import { pathVariable } from "./plan.ts";

/** The path of visits in a scope, such as `Fan[1]/Each[17]`; "" at the top level of an execution or a Distributed Map's child. */
export interface VisitPath {
  readonly expression: Expression;
  /** The same path as a JSONPath intrinsic function. */
  readonly jsonPath: string;
  /** The path, if it contains no iteration of a Map. */
  readonly constant: string | undefined;
}

type Part = string | { readonly expression: Expression; readonly jsonPath: string };

/**
 * The index of an iteration is read from the context object only directly inside the Map. Deeper scopes read the variable
 * that their container's gate assigned, so nothing depends on the context object inside a Parallel inside a Map.
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

/** Escapes the special characters of a string in an intrinsic function (ASL specification, "Intrinsic Functions"). */
const escaped = (text: string): string => text.replaceAll(/[\\'{}]/g, "\\$&");

function format(parts: readonly Part[]): string {
  const template = parts.map((part) => (typeof part === "string" ? escaped(part) : "{}")).join("");
  const values = parts.flatMap((part) => (typeof part === "string" ? [] : [part.jsonPath]));
  return `States.Format(${[`'${template}'`, ...values].join(", ")})`;
}

function partsOf({ owner, isChild }: Scope): Part[] {
  if (owner === undefined || isChild) return [""];
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
