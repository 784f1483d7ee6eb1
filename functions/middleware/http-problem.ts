import type { MiddlewareObj } from "@middy/core";
import type { Log } from "../../shared/domain/engine.ts";
import { problemOf } from "../../shared/model/api/problem.ts";
import { houseLog } from "./house-log.ts";
import type { HttpEvent, HttpResult } from "./http-event.ts";
import { refusalOf } from "./http-failure.ts";

/** What a line of the log says of a request: names only, never payloads or claims. */
const subject = (event: HttpEvent, requestId: string) => ({
  requestId,
  method: event.requestContext?.http?.method,
  workspace: event.pathParameters?.["workspace"],
  flow: event.pathParameters?.["flowId"],
  run: event.pathParameters?.["runId"],
  bulk: event.pathParameters?.["bulkId"],
});

const LOGGER = houseLog();

/** Outermost: one log line a request, and every error becomes problem+json (RFC 9457). */
export const httpProblem = (
  logger: Pick<Log, "info" | "error"> = LOGGER,
): MiddlewareObj<HttpEvent, HttpResult> => ({
  after: ({ event, context, response }) => {
    logger.info("request", { ...subject(event, context.awsRequestId), status: response?.statusCode });
  },
  onError: (request) => {
    const requestId = request.context.awsRequestId;
    const refusal = refusalOf(request.error);
    const problem = { ...problemOf(refusal), requestId };
    const line = { ...subject(request.event, requestId), status: problem.status, code: problem.code };
    if (problem.status < 500) logger.info("refused", line);
    else
      logger.error("failed", { ...line, error: request.error instanceof Error ? request.error : undefined });
    const retry = problem.status === 429 || problem.status === 503 ? { "retry-after": "1" } : {};
    request.response = {
      statusCode: problem.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...retry },
      body: JSON.stringify(problem),
    };
  },
});
