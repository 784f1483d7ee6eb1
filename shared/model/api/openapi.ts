import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { ERROR_CODES, type ErrorCode } from "../errors.ts";
import { MAX_WAIT_SECONDS } from "../limits.ts";
import {
  ATTRIBUTES_PARAMETER,
  attentionQuerySchema,
  listRunsQuerySchema,
  runChangesQuerySchema,
} from "../schemas/run-filter.ts";
import { bulkOperations } from "./bulk-operations.ts";
import { flowOperations } from "./flow-operations.ts";
import { incidentOperations } from "./incident-operations.ts";
import { memberOperations } from "./member-operations.ts";
import type { Operation } from "./operation.ts";
import { problemSchema } from "./problem.ts";
import { batchRecordSchema, idempotencyKeySchema } from "./requests.ts";
import { runOperations } from "./run-operations.ts";
import { settingsOperations } from "./settings-operations.ts";
import { triggerOperations } from "./trigger-operations.ts";
import { viewOperations } from "./view-operations.ts";

/** All operations of the API. */
export const operations: readonly Operation[] = [
  ...Object.values(flowOperations),
  ...Object.values(memberOperations),
  ...Object.values(runOperations),
  ...Object.values(settingsOperations),
  ...Object.values(triggerOperations),
  ...Object.values(viewOperations),
  ...Object.values(bulkOperations),
  ...Object.values(incidentOperations),
] as readonly Operation[];

const HEADERS = {
  ETag: z.string().meta({ description: 'The rev in quotes, for If-Match: `"3"`.' }),
  Location: z.string().meta({ description: "Path of the created resource." }),
};

const answers = (operation: Operation) =>
  Object.fromEntries(
    Object.entries(operation.answers).map(([status, { description, schema, headers = [] }]) => [
      status,
      {
        description,
        ...(headers.length === 0
          ? {}
          : { headers: z.object(Object.fromEntries(headers.map((name) => [name, HEADERS[name]]))) }),
        ...(schema === undefined ? {} : { content: { "application/json": { schema } } }),
      },
    ]),
  );

/** Returns the errors that all operations of this kind have, then its own. */
const codes = (operation: Operation): ErrorCode[] => [
  ...(operation.permission === "public" ? [] : (["unauthorized", "forbidden", "not_found"] as const)),
  "invalid_request",
  ...(["GET", "DELETE"].includes(operation.method) ? [] : (["payload_too_large"] as const)),
  ...(operation.errors ?? []),
  "too_many_requests",
  "internal_error",
  "service_unavailable",
];

const gatewayMessage = z.object({ message: z.string() }).meta({ id: "GatewayMessage" });

/** Answers of API Gateway itself, which never reach a function. */
const gatewayAnswer = (description: string) => ({
  description,
  content: {
    "application/json": { schema: gatewayMessage },
  },
});
const gatewayRefusals = (operation: Operation) => ({
  ...(operation.permission === "public"
    ? {}
    : { "401": gatewayAnswer("unauthorized: the token is missing, invalid or expired") }),
  "431": gatewayAnswer("The request line and the headers are larger than 10,240 bytes together"),
});

const refusals = (operation: Operation) => {
  const byStatus = Map.groupBy(new Set(codes(operation)), (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.join(", "),
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
};

const prefer = z
  .string()
  .optional()
  .meta({
    description: `\`wait=<seconds>\`, at most ${MAX_WAIT_SECONDS}: answer 200 with the run and its output if it ends by then, else 202.`,
  });

const headerOf = ({ requestHeader, prefersWait }: Operation) => {
  if (requestHeader === "If-Match") return z.object({ "If-Match": z.string().optional() });
  if (requestHeader === "Idempotency-Key")
    return z.object({
      "Idempotency-Key": idempotencyKeySchema.optional(),
      ...(prefersWait === true ? { Prefer: prefer } : {}),
    });
  return undefined;
};

const describe = (operation: Operation): ZodOpenApiOperationObject => {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const header = headerOf(operation);
  const { id, summary, tag, query, body, emptyBody, permission } = operation;
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(permission === "public" ? { security: [] } : {}),
    requestParams: {
      ...(names.length === 0 ? {} : { path }),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(header === undefined ? {} : { header }),
    },
    ...([listRunsQuerySchema, attentionQuerySchema, runChangesQuerySchema].some((one) => one === query)
      ? { parameters: [ATTRIBUTES_PARAMETER] }
      : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: emptyBody !== true, content: { "application/json": { schema: body } } } }),
    responses: { ...answers(operation), ...refusals(operation), ...gatewayRefusals(operation) },
  } as ZodOpenApiOperationObject;
};

/** Returns the API's description (OpenAPI 3.1), derived from the schemas that check its requests. */
export const openApiDocument = () => {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = paths[operation.path] ?? {};
    paths[operation.path] = { ...path, [operation.method.toLowerCase()]: describe(operation) };
  }
  const document: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: "1",
      description: "Pause, resume, cancel and replay runs of AWS Step Functions.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The deployment that serves this document" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { BatchRecord: batchRecordSchema },
    },
  };
  return createDocument(document, {
    override: ({ jsonSchema }) => {
      // `format` and `type` describe the value; the schema library's patterns would only be noise.
      if (jsonSchema.format === "date-time" || jsonSchema.type === "integer") delete jsonSchema.pattern;
      // JSON Schema patterns have no `u` flag, without which a Unicode class is another pattern or none.
      if (jsonSchema.pattern?.includes("\\p{")) delete jsonSchema.pattern;
    },
  });
};
