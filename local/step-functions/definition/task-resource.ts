/** The integration that a Task's `Resource` names. */
export type Integration =
  | { readonly kind: "function"; readonly resource: string }
  | {
      readonly kind: "service";
      readonly resource: string;
      readonly service: "lambda" | "sqs" | "sns" | "events";
      readonly action: string;
      readonly token: boolean;
    };

const SERVICE_ACTIONS: Readonly<Record<string, "lambda" | "sqs" | "sns" | "events">> = {
  "lambda:invoke": "lambda",
  "sqs:sendMessage": "sqs",
  "sns:publish": "sns",
  "events:putEvents": "events",
};

/** Undefined for resources that the local Step Functions does not support: activities, `.sync`, SDK integrations and the rest. */
export function integrationOf(resource: string): Integration | undefined {
  if (/^arn:[\w-]+:lambda:[^:]*:[^:]*:function:/.test(resource)) return { kind: "function", resource };
  const parts = /^arn:[\w-]+:states:::(\w+:\w+)(\.waitForTaskToken)?$/.exec(resource);
  const service = SERVICE_ACTIONS[parts?.[1] ?? ""];
  if (!service) return undefined;
  const suffix = parts?.[2] ?? "";
  const action = `${parts?.[1]?.split(":")[1]}${suffix}`;
  return { kind: "service", resource, service, action, token: suffix !== "" };
}
