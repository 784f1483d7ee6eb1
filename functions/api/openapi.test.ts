import { expect, test } from "vitest";
import { routes } from "../../infra/routes.ts";
import { openApiDocument, operations } from "../../shared/model/api/openapi.ts";
import { WITH_IF_MATCH } from "../../shared/model/api/paths.ts";
import type { LambdaHandler } from "../middleware/http.ts";
import { lambdaTelemetry } from "../telemetry/telemetry.ts";
import { createOpenApiHandler } from "./openapi.ts";

const document = openApiDocument();

test("every route has an operation in the API's description, and vice versa", () => {
  const described = operations.map(
    ({ method, path, permission }) => `${method} ${path} ${permission !== "public"}`,
  );
  const routed = routes.map(({ method, path, auth }) => `${method} ${path} ${auth}`);
  expect([...described].sort()).toEqual([...routed].sort());
});

test("clients know which operations take If-Match", () => {
  const taking = operations.filter(({ requestHeader }) => requestHeader === "If-Match");
  expect(taking.map(({ id }) => id).sort()).toEqual([...WITH_IF_MATCH].sort());
});

test("operations have unique names", () => {
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

/** All `$ref`s of a document. */
const references = (value: unknown): string[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner),
  );
};

test("the document is OpenAPI 3.1 and refers only to its own content", () => {
  expect(document.openapi).toBe("3.1.0");
  const schemas = Object.keys(document.components?.schemas ?? {});
  const named = references(document).map((reference) => reference.replace("#/components/schemas/", ""));
  expect(named.filter((name) => !schemas.includes(name))).toEqual([]);
  expect(named).toContain("BatchRecord");
});

test("requests, responses and refusals are described", () => {
  const replay = document.paths?.["/v1/workspaces/{workspace}/runs/{runId}/replay"]?.post;
  expect(replay?.requestBody).toMatchObject({
    required: false,
    content: { "application/json": { schema: { $ref: "#/components/schemas/ReplayRun" } } },
  });
  const parameters = replay?.parameters?.map((parameter) => "name" in parameter && parameter.name);
  expect(parameters).toEqual(["workspace", "runId", "Idempotency-Key"]);
  const answers = Object.keys(replay?.responses ?? {});
  expect(answers).toEqual([
    "200",
    "202",
    "401",
    "403",
    "404",
    "409",
    "413",
    "422",
    "429",
    "431",
    "500",
    "503",
  ]);
});

test("it is served without settings, grants or a token", async () => {
  const event = { requestContext: { http: { method: "GET", path: "/v1/openapi.json" } } };
  const context = { awsRequestId: "r" };
  type Parameters1 = Parameters<LambdaHandler>;
  const answer = await createOpenApiHandler(lambdaTelemetry())(
    event as unknown as Parameters1[0],
    context as unknown as Parameters1[1],
  );
  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body ?? "")).toEqual(JSON.parse(JSON.stringify(document)));
});

/** The paths of numbers without a lower and an upper bound. A constant needs none. */
const unbounded = (schema: unknown, path: string): string[] => {
  if (typeof schema !== "object" || schema === null) return [];
  const { type, ...rest } = schema as Record<string, unknown>;
  const types = Array.isArray(type) ? type : [type];
  const isNumber = types.includes("number") || types.includes("integer");
  const bounded =
    "const" in rest ||
    "enum" in rest ||
    (("minimum" in rest || "exclusiveMinimum" in rest) && ("maximum" in rest || "exclusiveMaximum" in rest));
  const own = isNumber && !bounded ? [path] : [];
  return [...own, ...Object.entries(rest).flatMap(([key, inner]) => unbounded(inner, `${path}.${key}`))];
};

test("every number in every schema has bounds, since DynamoDB and its SDK support only some", () => {
  expect(unbounded({ type: "object", properties: { n: { type: "number" } } }, "$")).toEqual([
    "$.properties.n",
  ]);
  expect(unbounded(JSON.parse(JSON.stringify(document)), "$")).toEqual([]);
});

test("generators can read it: every schema has a valid name, and every pattern works without flags", () => {
  expect(Object.keys(document.components?.schemas ?? {}).filter((name) => name.startsWith("__"))).toEqual([]);
  expect(document.components?.schemas?.["Json"]).toBeDefined();
  const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
  expect(patterns.length).toBeGreaterThan(0);
  for (const [, text = ""] of patterns) expect(text).not.toContain("\\p{");
});

test("it names its server and license, and API Gateway's own responses", () => {
  expect(document.servers?.[0]?.url).toBe("/");
  expect(document.info.license?.identifier).toBe("Apache-2.0");
  const { responses } = document.paths?.["/v1/workspaces/{workspace}/runs/{runId}"]?.get ?? {};
  for (const status of ["401", "431"])
    expect(Object.keys(responses?.[status]?.content ?? {})).toEqual(["application/json"]);
});
