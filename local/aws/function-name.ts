/** The emulated account, as `aws sts get-caller-identity` would return it. */
export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

const NAME = /^[A-Za-z0-9_-]{1,140}$/;

/**
 * The function's name in a name, partial ARN or ARN, without its version or alias; undefined if the text is none of these.
 * Forms: `name[:version]`, `account:function:name[:version]`, `arn:aws:lambda:region:account:function:name[:version]`.
 */
export function functionNameOf(reference: string): string | undefined {
  const parts = reference.split(":");
  const marker = parts.indexOf("function");
  const name = marker >= 0 && marker < parts.length - 1 ? parts[marker + 1] : parts[0];
  return name !== undefined && NAME.test(name) ? name : undefined;
}

/** Returns the version or alias in a function's name or ARN, if there is one. */
export function qualifierOf(reference: string): string | undefined {
  const parts = reference.split(":");
  const marker = parts.indexOf("function");
  return marker >= 0 ? parts[marker + 2] : parts[1];
}

export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
