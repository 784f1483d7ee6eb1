import type { MiddlewareObj } from "@middy/core";
import type { LogFields } from "../../shared/domain/deps.ts";
import { addLogFields } from "../telemetry/invocation.ts";
import type { HttpAnswer, HttpContext, HttpEvent, HttpResult } from "./http-event.ts";

/** Returns the handler's answer in API Gateway's format: JSON text, with the rev as ETag. */
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

/** Returns the ids of the run, flow or bulk operation in the answer, for the log. The path does not always contain them. */
const idsIn = (body: unknown): LogFields => {
  if (typeof body !== "object" || body === null) return {};
  const idOf = (field: string): string | undefined => {
    const value: unknown = Reflect.get(body, field);
    return typeof value === "string" ? value : undefined;
  };
  const ids = { run: idOf("runId"), flow: idOf("flowId"), bulk: idOf("bulkId") };
  return Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined));
};

export const httpAnswer = (): MiddlewareObj<HttpEvent, HttpAnswer | HttpResult, Error, HttpContext> => ({
  after: (request) => {
    const { response } = request;
    if (response === undefined || response === null || !isAnswer(response)) return;
    addLogFields(idsIn(response.body));
    request.response = toResult(response);
  },
});
