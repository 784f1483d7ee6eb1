import middy from "@middy/core";
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import type { LambdaHandler } from "../middleware/http.ts";
import { toResult } from "../middleware/http-answer.ts";
import type { HttpEvent, HttpResult } from "../middleware/http-event.ts";
import { httpProblem } from "../middleware/http-problem.ts";
import { observed } from "../telemetry/invocation.ts";

/** It asks for nothing, so it has neither settings nor grants. Made once: it never changes while a version runs. */
let answer: HttpResult | undefined;

const chain = middy<HttpEvent, HttpResult>()
  .use(httpProblem())
  .handler(async () => {
    answer ??= toResult({ status: 200, body: openApiDocument() });
    return answer;
  });

export const handler = observed(chain as unknown as LambdaHandler);
