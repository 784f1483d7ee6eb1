import { AwsError } from "../ports/services.ts";

const MAX_PAGE = 100;

/** One page of items in order of their keys; the token is the last key of the previous page. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: Readonly<Record<string, unknown>>,
): { items: readonly T[]; NextToken?: string } {
  const size = Number(request["MaxResults"] ?? MAX_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw new AwsError("ValidationException", `MaxResults must be 1 to ${MAX_PAGE}`);
  }
  const token = request["NextToken"];
  const after = token === undefined ? undefined : Buffer.from(String(token), "base64url").toString();
  const from = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const rest = from < 0 ? [] : items.slice(from);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  if (rest.length <= size || last === undefined) return { items: shown };
  return { items: shown, NextToken: Buffer.from(keyOf(last)).toString("base64url") };
}
