import middy from "@middy/core";
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import { toResult } from "../middleware/http-answer.ts";
import type { HttpEvent, HttpResult } from "../middleware/http-event.ts";
import { httpProblem } from "../middleware/http-problem.ts";

/** It asks for nothing, so it has neither settings nor grants. Made once: it never changes while a version runs. */
let answer: HttpResult | undefined;

export const handler = middy<HttpEvent, HttpResult>()
  .use(httpProblem())
  .handler(async () => {
    answer ??= toResult({ status: 200, body: openApiDocument() });
    return answer;
  });
