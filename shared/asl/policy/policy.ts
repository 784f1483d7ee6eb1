import { isJsonObject, type Json } from "../../model/json/json.ts";
import { argumentsField } from "../checks/human-check.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

/**
 * What user Tasks may call. By default Lambda functions named in the text, and nothing else; `allow` adds resources,
 * `*` standing for anything (`arn:aws:states:::sqs:sendMessage*`). IAM is the wall; this is what says so in time.
 */
export interface ResourcePolicy {
  readonly allow?: readonly string[];
  /** For trusted definitions only, e.g. a conformance run: anything but Sluice's own functions. */
  readonly unrestricted?: boolean;
}

const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const LAMBDA_INVOKE = /^arn:aws[\w-]*:states:::lambda:invoke(\.waitForTaskToken)?$/;
/** ARN, partial ARN or name, with or without a version or alias. */
const FUNCTION_NAME = /^(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:)?(?:function:)?([\w-]+)(?::[\w$-]+)?$/;

/** Prefix of Sluice's own functions, which no user may call. */
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
    report(`${at}.Credentials`, "Credentials cannot be chosen by a flow; the workspace's task role is used.");
  }
  const { Resource: resource } = body;
  if (typeof resource !== "string" || resource === "") {
    report(`${at}.Resource`, "Resource is missing: give the ARN of what the Task calls.");
    return;
  }
  if (/^(\$|\{%)/.test(resource)) {
    report(`${at}.Resource`, "Resource must be an ARN as it stands, not an expression.");
    return;
  }
  const called = LAMBDA_INVOKE.test(resource) ? invokedFunction(state) : resource;
  if (called !== undefined && FUNCTION_NAME.exec(called)?.[1]?.startsWith(OWN_FUNCTIONS)) {
    report(
      `${at}.Resource`,
      `Functions whose names begin with "${OWN_FUNCTIONS}" are Sluice's own and cannot be called by a flow.`,
    );
    return;
  }
  if (LAMBDA_ARN.test(resource) || unrestricted) return;
  if (!LAMBDA_INVOKE.test(resource)) {
    if (!allows(resource))
      report(
        `${at}.Resource`,
        `A flow may not call ${resource}: it is not on this deployment's list. Lambda functions are.`,
      );
    return;
  }
  if (called === undefined) {
    report(
      `${at}.${argumentsField(state)}.FunctionName`,
      "The function must be named in the text: its ARN or name as FunctionName, not an expression.",
    );
  } else if (!FUNCTION_NAME.test(called)) {
    report(
      `${at}.${argumentsField(state)}.FunctionName`,
      `"${called}" is neither the name nor the ARN of a function.`,
    );
  }
}

/** The literal FunctionName of a `lambda:invoke`; undefined when there is none or it is only known at the run. */
function invokedFunction(state: StateNode): string | undefined {
  const given: Json | undefined = state.body[argumentsField(state)];
  if (!isJsonObject(given) || Object.hasOwn(given, "FunctionName.$")) return undefined;
  const { FunctionName: name } = given;
  return typeof name === "string" && jsonataExpression(name) === undefined ? name : undefined;
}

function checkMap({ body, at }: StateNode, allows: (resource: string) => boolean, report: Report): void {
  for (const field of ["ItemReader", "ResultWriter"]) {
    const config = body[field];
    if (config === undefined) continue;
    const resource: Json | undefined = isJsonObject(config) ? config.Resource : undefined;
    if (typeof resource !== "string" || !allows(resource)) {
      report(`${at}.${field}`, `${field} is not on this deployment's list of what a flow may call.`);
    }
  }
}
