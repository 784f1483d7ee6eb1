import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { argumentsField, type Machine, type StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

/**
 * The resources that user Tasks may call: by default, only Lambda functions that are named in the text. IAM enforces the same;
 * this check reports it at publish.
 */
export interface ResourcePolicy {
  /** More resources, with `*` as a wildcard: `arn:aws:states:::sqs:sendMessage*`. */
  readonly allow?: readonly string[];
  /** Allows everything except Sluice's own functions. For trusted definitions only, e.g. conformance tests. */
  readonly unrestricted?: boolean;
}

const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const LAMBDA_INVOKE = /^arn:aws[\w-]*:states:::lambda:invoke(\.waitForTaskToken)?$/;
/** An ARN, a partial ARN or a name, with or without a version or alias. */
const FUNCTION_NAME = /^(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:)?(?:function:)?([\w-]+)(?::[\w$-]+)?$/;

/** The prefix of Sluice's own functions, which no flow may call. */
const OWN_FUNCTIONS = "sluice-";

export function checkPolicy(machine: Machine, policy: ResourcePolicy, report: Report): void {
  const allowed = (policy.allow ?? []).map(pattern);
  const allows = (resource: string) =>
    policy.unrestricted === true || allowed.some((rule) => rule.test(resource));
  for (const state of machine.all) {
    if (state.type === "Task" && humanKind(state) === undefined)
      checkTask(state, allows, policy.unrestricted === true, report);
    if (state.type === "Map") checkMap(state, allows, report);
  }
}

function pattern(text: string): RegExp {
  return new RegExp(`^${text.split("*").map(literally).join(".*")}$`);
}

const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

function checkTask(
  state: StateNode,
  allows: (resource: string) => boolean,
  unrestricted: boolean,
  report: Report,
): void {
  const { body, at } = state;
  if (Object.hasOwn(body, "Credentials") && !unrestricted) {
    report(
      `${at}.Credentials`,
      "A flow cannot choose its Credentials. Its Tasks use the workspace's task role.",
    );
  }
  const { Resource: resource } = body;
  if (typeof resource !== "string" || resource === "") return;
  if (/^(\$|\{%)/.test(resource)) {
    report(`${at}.Resource`, "Resource must be a literal ARN, not an expression.");
    return;
  }
  const called = LAMBDA_INVOKE.test(resource) ? invokedFunction(state) : resource;
  if (called !== undefined && FUNCTION_NAME.exec(called)?.[1]?.startsWith(OWN_FUNCTIONS)) {
    report(
      `${at}.Resource`,
      `A flow cannot call Sluice's own functions, whose names begin with "${OWN_FUNCTIONS}".`,
    );
    return;
  }
  if (LAMBDA_ARN.test(resource) || unrestricted) return;
  if (!LAMBDA_INVOKE.test(resource)) {
    if (!allows(resource))
      report(
        `${at}.Resource`,
        `This deployment does not allow flows to call ${resource}. Lambda functions are allowed.`,
      );
    return;
  }
  const field = argumentsField(state);
  const given: Json | undefined = state.body[field];
  if (called === undefined) {
    const name = ["FunctionName", "FunctionName.$"].find(
      (key) => isJsonObject(given) && Object.hasOwn(given, key),
    );
    report(
      [at, ...(given === undefined ? [] : [field, ...(name === undefined ? [] : [name])])].join("."),
      "FunctionName must be the literal name or ARN of a function, not an expression.",
    );
  } else if (!FUNCTION_NAME.test(called)) {
    report(`${at}.${field}.FunctionName`, `"${called}" is not the name or ARN of a function.`);
  }
}

/** The literal FunctionName of a `lambda:invoke`; undefined when it is missing or only known at run time. */
function invokedFunction(state: StateNode): string | undefined {
  const given: Json | undefined = state.body[argumentsField(state)];
  if (!isJsonObject(given) || Object.hasOwn(given, "FunctionName.$")) return undefined;
  const { FunctionName: name } = given;
  return typeof name === "string" && jsonataExpression(name) === undefined ? name : undefined;
}

function checkMap({ body, at }: StateNode, allows: (resource: string) => boolean, report: Report): void {
  for (const field of ["ItemReader", "ResultWriter"]) {
    const config = body[field];
    // A ResultWriter without a Resource calls nothing.
    const resource: Json | undefined = isJsonObject(config) ? config.Resource : undefined;
    if (typeof resource === "string" && !allows(resource)) {
      report(`${at}.${field}`, `This deployment does not allow flows to use this ${field}.`);
    }
  }
}
