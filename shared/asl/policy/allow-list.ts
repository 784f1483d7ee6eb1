import { isAllowSet, SERVICE_SETS } from "../../model/allow-sets.ts";

/** The resources that a deployment's allow list permits. */
export interface AllowList {
  /** Whether the list contains one of these sets, or `*`. */
  readonly hasSet: (...sets: readonly string[]) => boolean;
  /** Whether the list permits the resource, by an ARN or by a set that covers it. */
  readonly opens: (resource: string) => boolean;
}

export const allowListOf = (entries: readonly string[]): AllowList => {
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

/** AWS also takes one with a region and an account, as some exports have it. */
const INTEGRATION = /^arn:aws[\w-]*:states:[\w-]*:\d*:(aws-sdk:)?([a-z0-9]+):[\w.:]+$/;
const ACTIVITY = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:activity:[^:]+$/;
const services: ReadonlySet<string> = new Set(SERVICE_SETS);

/** The sets that open a Task's resource; none: only its ARN or `*` does. */
export function setsOf(resource: string): readonly string[] {
  if (ACTIVITY.test(resource)) return ["activity"];
  const [, sdk, service = ""] = INTEGRATION.exec(resource) ?? [];
  if (sdk !== undefined) return [...(service === "s3" ? ["s3"] : []), `aws-sdk:${service}`];
  return services.has(service) ? [service] : [];
}

/** Describes the entry that the allow list lacks. */
export const opener = (sets: readonly string[], resource?: string): string => {
  const entries = sets.length > 0 || resource === undefined ? sets : [resource];
  const what = sets.length > 0 ? "The set" : "Only the set * covers it: the entry";
  return `${what} ${entries.map((entry) => `"${entry}"`).join(" or ")} in the deployment's allow list permits it.`;
};
