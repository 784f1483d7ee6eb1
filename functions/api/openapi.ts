import middy from "@middy/core";
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import type { LambdaHandler } from "../middleware/http.ts";
import { toResult } from "../middleware/http-answer.ts";
import type { HttpEvent, HttpResult } from "../middleware/http-event.ts";
import { httpProblem } from "../middleware/http-problem.ts";
import { observed } from "../telemetry/invocation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Creates the handler of the API's description, which needs neither settings nor grants. */
export const createOpenApiHandler = ({ log, publishMetrics }: Telemetry): LambdaHandler => {
  const answer = toResult({ status: 200, body: openApiDocument() });
  const chain = middy<HttpEvent, HttpResult>()
    .use(httpProblem(log))
    .handler(async () => answer);
  return observed(chain as unknown as LambdaHandler, publishMetrics);
};
