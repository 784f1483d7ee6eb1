import { isAllowSet, SERVICE_SETS } from "../../model/allow-sets.ts";

/** What a deployment's allow list opens. */
export interface AllowList {
  /** Whether one of these sets is in the list, or `*`. */
  readonly hasSet: (...sets: readonly string[]) => boolean;
  /** Whether an ARN of the list, or a set that covers it, opens the resource. */
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

/** A pattern covers the whole ARN. */
function pattern(text: string): RegExp {
  return new RegExp(`^${text.split("*").map(literally).join(".*")}$`, "s");
}

const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

const INTEGRATION = /^arn:aws[\w-]*:states:::(aws-sdk:)?([a-z0-9]+):[\w.:]+$/;
const ACTIVITY = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:activity:[^:]+$/;
const services: ReadonlySet<string> = new Set(SERVICE_SETS);

/** The sets that open a Task's resource; none: only its ARN or `*` does. */
export function setsOf(resource: string): readonly string[] {
  if (ACTIVITY.test(resource)) return ["activity"];
  const [, sdk, service = ""] = INTEGRATION.exec(resource) ?? [];
  if (sdk !== undefined) return [...(service === "s3" ? ["s3"] : []), `aws-sdk:${service}`];
  return services.has(service) ? [service] : [];
}

/** Says what has to be in the allow list. */
export const opener = (sets: readonly string[], resource?: string): string => {
  const entries = sets.length > 0 || resource === undefined ? sets : [resource];
  const what = sets.length > 0 ? "The set" : "No set but * covers it: the entry";
  return `${what} ${entries.map((entry) => `"${entry}"`).join(" or ")} in the deployment's allow list opens it.`;
};
