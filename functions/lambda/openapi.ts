import { createOpenApiHandler } from "../api/openapi.ts";
import { lambdaTelemetry } from "../telemetry/telemetry.ts";

export const handler = createOpenApiHandler(lambdaTelemetry());
