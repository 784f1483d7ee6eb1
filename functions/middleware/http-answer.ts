import type { MiddlewareObj } from "@middy/core";
import type { LogFields } from "../../shared/domain/deps.ts";
import { addLogFields } from "../telemetry/invocation.ts";
import type { HttpAnswer, HttpContext, HttpEvent, HttpResult } from "./http-event.ts";

/** The handler's answer as API Gateway wants it: JSON text, ETag from the rev. */
export const toResult = (answer: HttpAnswer): HttpResult => ({
  statusCode: answer.status,
  headers: {
    "cache-control": "no-store",
    ...(answer.body === undefined ? {} : { "content-type": "application/json" }),
    ...(answer.rev === undefined ? {} : { etag: `"${answer.rev}"` }),
    ...(answer.location === undefined ? {} : { location: answer.location }),
  },
  ...(answer.body === undefined ? {} : { body: JSON.stringify(answer.body) }),
});

const isAnswer = (response: HttpAnswer | HttpResult): response is HttpAnswer => "status" in response;

/** Which run, flow or bulk operation it is that the answer shows: the path alone may not say so. */
const named = (body: unknown): LogFields => {
  if (typeof body !== "object" || body === null) return {};
  const name = (field: string): string | undefined => {
    const value: unknown = Reflect.get(body, field);
    return typeof value === "string" ? value : undefined;
  };
  const names = { run: name("runId"), flow: name("flowId"), bulk: name("bulkId") };
  return Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
};

export const httpAnswer = (): MiddlewareObj<HttpEvent, HttpAnswer | HttpResult, Error, HttpContext> => ({
  after: (request) => {
    const { response } = request;
    if (response === undefined || response === null || !isAnswer(response)) return;
    addLogFields(named(response.body));
    request.response = toResult(response);
  },
});
