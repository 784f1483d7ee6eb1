import { STATUS_CODES } from "node:http";
import type { HttpAnswer } from "./http.ts";

/** A problem details response (RFC 9457). */
export function problem(
  status: number,
  code: string,
  detail: string,
  members: Record<string, unknown> = {},
): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    body: JSON.stringify({
      type: "about:blank",
      title: STATUS_CODES[status] ?? "Error",
      status,
      detail,
      code,
      ...members,
    }),
  };
}

export const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
