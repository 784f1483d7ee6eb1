import { isAllowSet, SERVICE_SETS } from "../../model/allow-sets.ts";
import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression, literalArgument } from "../parse/expressions.ts";
import { argumentsField, type Machine, type StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

/** The resources that a deployment's allow list permits. */
interface AllowList {
  /** Whether the list contains one of these sets, or `*`. */
  readonly hasSet: (...sets: readonly string[]) => boolean;
  /** Whether the list permits the resource, by an ARN or by a set that covers it. */
  readonly opens: (resource: string) => boolean;
}

const allowListOf = (entries: readonly string[]): AllowList => {
  const sets = new Set(entries.filter(isAllowSet));
  const patterns = entries.filter((entry) => !isAllowSet(entry)).map(pattern);
  const hasSet = (...wanted: readonly string[]) => ["*", ...wanted].some((name) => sets.has(name));
  return {
    hasSet,
    opens: (resource) => hasSet(...setsOf(resource)) || patterns.some((rule) => rule.test(resource)),
  };
};

/** The pattern must match the whole ARN. */
function pattern(text: string): RegExp {
  return new RegExp(`^${text.split("*").map(literally).join(".*")}$`, "s");
}

const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

/** Matches the ARN of an integration. AWS also accepts one with a region and an account, which some exports contain. */
const INTEGRATION = /^arn:aws[\w-]*:states:[\w-]*:\d*:(aws-sdk:)?([a-z0-9]+):[\w.:]+$/;
const ACTIVITY = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:activity:[^:]+$/;
const services: ReadonlySet<string> = new Set(SERVICE_SETS);

/** Returns the sets that permit a Task's resource. If there are none, only its ARN or `*` does. */
function setsOf(resource: string): readonly string[] {
  if (ACTIVITY.test(resource)) return ["activity"];
  const [, sdk, service = ""] = INTEGRATION.exec(resource) ?? [];
  if (sdk !== undefined) return [...(service === "s3" ? ["s3"] : []), `aws-sdk:${service}`];
  return services.has(service) ? [service] : [];
}

/** Describes the entry that the allow list lacks. */
const opener = (sets: readonly string[], resource?: string): string => {
  const entries = sets.length > 0 || resource === undefined ? sets : [resource];
  const what = sets.length > 0 ? "The set" : "Only the set * covers it: the entry";
  return `${what} ${entries.map((entry) => `"${entry}"`).join(" or ")} in the deployment's allow list permits it.`;
};

/**
 * The resources that user Tasks may call: by default, only Lambda functions that the definition names. IAM enforces the same;
 * this check reports it at publish.
 */
export interface ResourcePolicy {
  /** More resources: sets such as `sqs`, and ARNs with `*` as a wildcard, such as `arn:aws:states:::sqs:sendMessage*`. */
  readonly allow?: readonly string[];
}

const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const LAMBDA_INVOKE = /^arn:aws[\w-]*:states:[\w-]*:\d*:lambda:invoke(\.waitForTaskToken)?$/;
const LAMBDA_SDK = /^arn:aws[\w-]*:states:[\w-]*:\d*:aws-sdk:lambda:/;
/** An ARN, a partial ARN or a name, with or without a version or alias. */
const FUNCTION_NAME = /^(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:)?(?:function:)?([\w-]+)(?::[\w$-]+)?$/;

/** The prefix of the names of Sluice's own functions, machines and roles, which no flow may use: that of its gate. */
const ownPrefix = (gate: string): string => FUNCTION_NAME.exec(gate)?.[1]?.replace(/gate$/, "") || "sluice-";
const MACHINE_NAME = /:(?:stateMachine|execution|express|mapRun):([^:]*)/;
const ROLE_NAME = /:role\/(?:[^/]+\/)*([^/]*)$/;

/** The deployment's list, and the prefix of names that no list opens. */
interface Permitted extends AllowList {
  readonly own: string;
}

/** `gate`: the ARN of Sluice's gate. */
export function checkPolicy(machine: Machine, policy: ResourcePolicy, gate: string, report: Report): void {
  const allowed = { ...allowListOf(policy.allow ?? []), own: ownPrefix(gate) };
  for (const state of machine.all) {
    if (state.type === "Task" && humanKind(state) === undefined) checkTask(state, allowed, report);
    if (state.type === "Map") checkMap(state, allowed, report);
  }
}

function checkTask(state: StateNode, allowed: Permitted, report: Report): void {
  const { body, at } = state;
  checkCredentials(state, allowed, report);
  const { Resource: resource } = body;
  if (typeof resource !== "string" || resource === "") return;
  if (/^(\$|\{%)/.test(resource)) {
    report(`${at}.Resource`, "Resource must be a literal ARN, not an expression.");
    return;
  }
  const invokes = LAMBDA_INVOKE.test(resource);
  const called = invokes || LAMBDA_SDK.test(resource) ? literalArgument(state, "FunctionName") : resource;
  if (called !== undefined && FUNCTION_NAME.exec(called)?.[1]?.startsWith(allowed.own)) {
    report(
      `${at}.Resource`,
      `A flow cannot call Sluice's own functions, whose names begin with "${allowed.own}".`,
    );
    return;
  }
  for (const name of ["StateMachineArn", "ExecutionArn"]) {
    if (!MACHINE_NAME.exec(literalArgument(state, name) ?? "")?.[1]?.startsWith(allowed.own)) continue;
    report(
      `${at}.${argumentsField(state)}.${name}`,
      `A flow cannot use Sluice's own state machines, whose names begin with "${allowed.own}". Start a run through the API.`,
    );
    return;
  }
  if (invokes) checkFunctionName(state, called, allowed, report);
  else if (!LAMBDA_ARN.test(resource) && !allowed.opens(resource))
    report(
      `${at}.Resource`,
      `This deployment does not allow flows to call ${resource}. ${opener(setsOf(resource), resource)}`,
    );
}

function checkCredentials({ body, at }: StateNode, allowed: Permitted, report: Report): void {
  if (!Object.hasOwn(body, "Credentials")) return;
  if (!allowed.hasSet("credentials")) {
    report(
      `${at}.Credentials`,
      `This deployment does not allow flows to choose their Credentials. Its Tasks use the workspace's task role. ${opener(["credentials"])}`,
    );
    return;
  }
  const { Credentials: given } = body;
  const role = isJsonObject(given) ? given["RoleArn"] : undefined;
  if (typeof role === "string" && ROLE_NAME.exec(role)?.[1]?.startsWith(allowed.own))
    report(
      `${at}.Credentials.RoleArn`,
      `A flow cannot assume Sluice's own roles, whose names begin with "${allowed.own}". Without Credentials, the Task uses the workspace's task role.`,
    );
}

/** Checks the function of a `lambda:invoke`. `called` is its literal name. */
function checkFunctionName(
  state: StateNode,
  called: string | undefined,
  allowed: AllowList,
  report: Report,
): void {
  if (allowed.hasSet()) return;
  const { at } = state;
  const field = argumentsField(state);
  if (called !== undefined) {
    if (!FUNCTION_NAME.test(called) && !allowed.hasSet("lambda-any"))
      report(
        `${at}.${field}.FunctionName`,
        `"${called}" is not the name or ARN of a function. ${opener(["lambda-any"])}`,
      );
    return;
  }
  const given: Json | undefined = state.body[field];
  const names = ["FunctionName", "FunctionName.$"].filter(
    (key) => isJsonObject(given) && Object.hasOwn(given, key),
  );
  const computed =
    names.length === 1 || (typeof given === "string" && jsonataExpression(given) !== undefined);
  if (computed && allowed.hasSet("lambda-any")) return;
  report(
    [at, ...(given === undefined ? [] : [field]), ...names.slice(0, 1)].join("."),
    `FunctionName must be the literal name or ARN of a function, not an expression.${computed ? ` ${opener(["lambda-any"])}` : ""}`,
  );
}

function checkMap({ body, at }: StateNode, allowed: AllowList, report: Report): void {
  for (const field of ["ItemReader", "ResultWriter"]) {
    const config = body[field];
    // A ResultWriter without a Resource calls nothing.
    const resource: Json | undefined = isJsonObject(config) ? config["Resource"] : undefined;
    if (typeof resource === "string" && !allowed.hasSet("readers") && !allowed.opens(resource)) {
      report(
        `${at}.${field}`,
        `This deployment does not allow flows to use this ${field}. ${opener(["readers"])}`,
      );
    }
  }
}
