import { isDeepStrictEqual } from "node:util";
import { ApiError } from "../../shared/client/api-error.ts";
import type { Answer } from "../harness/clients/client.ts";

/** Throws with both values unless they are equal. */
export const same = (what: string, found: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
};

/** Throws unless it holds. */
export const holds = (what: string, is: boolean): void => {
  if (!is) throw new Error(`This does not hold: ${what}`);
};

/** Throws unless the raw answer is a problem document with this status and code. Returns its fields. */
export const refusal = (
  what: string,
  { status, headers, body }: Answer<Record<string, unknown>>,
  expected: { readonly status: number; readonly code: string },
): Record<string, unknown> => {
  same(`The answer to ${what}`, { status, code: body["code"] }, expected);
  same(
    `The type of the answer to ${what}`,
    headers.get("content-type")?.split(";")[0],
    "application/problem+json",
  );
  return body;
};

/** Throws unless the typed call is refused with this status and code. Returns the problem's fields. */
export const refused = async (
  what: string,
  call: Promise<unknown>,
  expected: { readonly status: number; readonly code: string },
): Promise<Record<string, unknown>> => {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    same(`The answer to ${what}`, { status: error.status, code: error.code }, expected);
    return error.problem;
  }
  throw new Error(`${what} was not refused with ${expected.code}`);
};
