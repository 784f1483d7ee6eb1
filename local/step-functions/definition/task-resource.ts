/** The integration that a Task's `Resource` names. */
export type Integration =
  | { readonly kind: "function"; readonly resource: string }
  | { readonly kind: "activity"; readonly resource: string; readonly name: string }
  | {
      readonly kind: "service";
      readonly resource: string;
      /** `dynamodb`, `aws-sdk:dynamodb`. */
      readonly service: string;
      readonly action: string;
      /** `sync`, `sync:2` or `waitForTaskToken`. */
      readonly pattern: string | undefined;
    };

const FUNCTION = /^arn:[\w-]+:lambda:[^:]*:[^:]*:function:/;
const ACTIVITY = /^arn:[\w-]+:states:[^:]+:[^:]+:activity:(.+)$/;
const SERVICE = /^arn:[\w-]+:states:[^:]*:[^:]*:((?:aws-sdk:)?[\w-]+):(\w+)(?:\.(.+))?$/;

/** Returns undefined for a string that names none. The checks of a definition reject integrations that do not exist. */
export function integrationOf(resource: string): Integration | undefined {
  if (FUNCTION.test(resource)) return { kind: "function", resource };
  const activity = ACTIVITY.exec(resource)?.[1];
  if (activity !== undefined) return { kind: "activity", resource, name: activity };
  const [, service, action, pattern] = SERVICE.exec(resource) ?? [];
  if (service === undefined || action === undefined) return undefined;
  return { kind: "service", resource, service, action, pattern };
}

/** Whether a Task waits for its token. */
export const waitsForToken = (integration: Integration): boolean =>
  integration.kind === "activity" ||
  (integration.kind === "service" && integration.pattern === "waitForTaskToken");
