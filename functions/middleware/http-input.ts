import type { MiddlewareObj } from "@middy/core";
import * as z from "zod";
import type { Operation, PathParameters } from "../../shared/model/api/operation.ts";
import type { FieldError } from "../../shared/model/api/problem.ts";
import { idempotencyKeySchema } from "../../shared/model/api/requests.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { jsonFault } from "../../shared/model/json/json-check.ts";
import { cutText } from "../../shared/model/json/text.ts";
import { MAX_WAIT_SECONDS } from "../../shared/model/limits.ts";
import { flowIdSchema, workspaceIdSchema } from "../../shared/model/schemas/flow.ts";
import { userIdSchema } from "../../shared/model/schemas/member.ts";
import { readBody } from "./http-body.ts";
import type { HttpContext, HttpEvent } from "./http-event.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Schemas of the path parameters. Any other value cannot name an existing resource: 404. */
const PARAMETERS = {
  workspace: workspaceIdSchema,
  flowId: flowIdSchema,
  userId: userIdSchema,
  version: z.string().regex(/^[1-9]\d{0,5}$/),
  runId: z.string().regex(UUID),
  bulkId: z.string().regex(UUID),
  incidentId: z.string().regex(UUID),
  triggerId: flowIdSchema,
  viewId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  stepId: z.string().regex(/^[A-Za-z0-9._~-]{1,100}$/),
} as const;

const isParameter = (name: string): name is keyof typeof PARAMETERS => Object.hasOwn(PARAMETERS, name);

const SLUG = "Must be 1 to 40 characters of a-z, 0-9 and -, and must not begin with a hyphen";

const badName = (name: string, method: string, fault: string | undefined): SluiceError => {
  if (method !== "PUT") return new SluiceError("not_found", "There is no resource at this path");
  const message = name === "userId" && fault !== undefined ? fault : SLUG;
  return new SluiceError("invalid_request", `${name}: ${message}`, { errors: [{ path: name, message }] });
};

const readParameter = (name: string, value: string | undefined, method: string): string => {
  const schema = isParameter(name) ? PARAMETERS[name] : z.string();
  const result = schema.safeParse(value);
  if (!result.success) throw badName(name, method, result.error.issues[0]?.message);
  return result.data;
};

/**
 * Returns the path's parameters. A value that cannot name a resource is `not_found`, or `invalid_request` if the call would create the
 * resource.
 */
const readParameters = <Path extends string>(
  operation: { readonly path: Path; readonly method: string },
  event: HttpEvent,
): PathParameters<Path> => {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const given = event.pathParameters ?? {};
  const read = names.map((name) => [name, readParameter(name, given[name], operation.method)]);
  return Object.fromEntries(read) as PathParameters<Path>;
};

/** A body of 5 MiB may contain half a million unknown fields, or one with a name of that length. A Lambda response is limited to 6 MB. */
const MAX_ERRORS = 100;
const MAX_CHARACTERS = 200;
const shortened = (text: string): string =>
  text.length <= MAX_CHARACTERS ? text : `${cutText(text, MAX_CHARACTERS)}…`;

/** Returns a refusal that names the first hundred fields, each by the start of its path. */
const invalid = (all: readonly FieldError[]): SluiceError => {
  const errors = all
    .slice(0, MAX_ERRORS)
    .map(({ path, message }) => ({ path: shortened(path), message: shortened(message) }));
  const first = errors[0];
  const detail = first === undefined ? "Invalid request" : `${first.path || "body"}: ${first.message}`;
  return new SluiceError("invalid_request", detail, { errors });
};

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");

const fieldErrors = (issues: readonly z.core.$ZodIssue[]): FieldError[] =>
  issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: "Unknown field" }))
      : [{ path: pathOf(issue.path), message: issue.message }],
  );

/** Returns `value` as the schema parses it. Throws `invalid_request`, naming the invalid fields. */
export const parseAs = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(fieldErrors(result.error.issues));
};

const NOTHING = z.strictObject({});

const parseBody = (operation: Operation, event: HttpEvent): unknown => {
  if (operation.method === "GET" || operation.method === "DELETE") return undefined;
  const body = readBody(event);
  const value = body === undefined && operation.emptyBody === true ? {} : body;
  if (value === undefined)
    throw new SluiceError("invalid_request", "The request body is empty. Send a JSON object.", {
      errors: [{ path: "", message: "Must be a JSON object" }],
    });
  const fault = jsonFault(value);
  if (fault !== undefined) throw invalid([fault]);
  return parseAs<unknown>(operation.body ?? NOTHING, value);
};

/** Accepts `"<rev>"`, a weak tag or the bare number; `*` matches any rev. A list is refused, although HTTP allows it. */
const readIfMatch = (text: string | undefined): number | undefined => {
  if (text === undefined || text.trim() === "*") return undefined;
  const rev = /^\s*(?:W\/)?(?:"(\d{1,15})"|(\d{1,15}))\s*$/.exec(text);
  if (rev === null)
    throw invalid([
      { path: "If-Match", message: 'Must be one rev in quotes, such as "3". Lists are not supported.' },
    ]);
  return Number(rev[1] ?? rev[2]);
};

/** Reads `wait=<seconds>` among the preferences (RFC 7240). Others are ignored, as the RFC says. */
const readPrefer = ({ prefersWait }: Operation, text = "") => {
  if (prefersWait !== true) return {};
  const wait = text
    .split(",")
    .map((preference) => /^\s*wait\s*=\s*"?([^";\s]*)/i.exec(preference)?.[1])
    .find((value) => value !== undefined);
  if (wait === undefined) return {};
  const seconds = /^\d{1,3}$/.test(wait) ? Number(wait) : Number.POSITIVE_INFINITY;
  if (seconds > MAX_WAIT_SECONDS)
    throw invalid([
      { path: "Prefer", message: `wait must be a whole number of seconds, at most ${MAX_WAIT_SECONDS}` },
    ]);
  return { waitSeconds: seconds };
};

const readHeaders = (operation: Operation, headers: HttpEvent["headers"]) => {
  const header = (name: string) =>
    Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  if (operation.requestHeader === "If-Match") {
    const ifMatch = readIfMatch(header("if-match"));
    return ifMatch === undefined ? {} : { ifMatch };
  }
  return { ...readPrefer(operation, header("prefer")), ...readKey(operation, header) };
};

const readKey = (operation: Operation, header: (name: string) => string | undefined) => {
  const key = operation.requestHeader === "Idempotency-Key" ? header("idempotency-key") : undefined;
  if (key === undefined) return {};
  return {
    idempotencyKey: parseAs(z.object({ "Idempotency-Key": idempotencyKeySchema }), {
      "Idempotency-Key": key,
    })["Idempotency-Key"],
  };
};

/** Reads the path, query, headers and body with the operation's schemas. */
export const httpInput = <Path extends string, Query, Body>(
  operation: Operation<Path, Query, Body>,
): MiddlewareObj<HttpEvent, unknown, Error, HttpContext<Path, Query, Body>> => ({
  before: ({ event, context }) => {
    const query = Object.fromEntries(Object.entries(event.queryStringParameters ?? {}));
    context.request = {
      params: readParameters(operation, event),
      query: parseAs<unknown>(operation.query ?? NOTHING, query) as Query,
      body: parseBody(operation, event) as Body,
      ...readHeaders(operation, event.headers),
    };
  },
});
