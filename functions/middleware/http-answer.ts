import type { MiddlewareObj } from "@middy/core";
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

export const httpAnswer = (): MiddlewareObj<HttpEvent, HttpAnswer | HttpResult, Error, HttpContext> => ({
  after: (request) => {
    const { response } = request;
    if (response !== undefined && response !== null && isAnswer(response))
      request.response = toResult(response);
  },
});
