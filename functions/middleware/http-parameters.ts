import * as z from "zod";
import type { PathParameters } from "../../shared/model/api/operation.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { flowIdSchema, workspaceIdSchema } from "../../shared/model/schemas/flow.ts";
import { userIdSchema } from "../../shared/model/schemas/member.ts";
import type { HttpEvent } from "./http-event.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Schemas of the path parameters. Any other value cannot name an existing resource: 404. */
const PARAMETERS = {
  workspace: workspaceIdSchema,
  flowId: flowIdSchema,
  userId: userIdSchema,
  version: z.string().regex(/^[1-9]\d{0,5}$/),
  runId: z.string().regex(UUID),
  bulkId: z.string().regex(UUID),
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
export const readParameters = <Path extends string>(
  operation: { readonly path: Path; readonly method: string },
  event: HttpEvent,
): PathParameters<Path> => {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const given = event.pathParameters ?? {};
  const read = names.map((name) => [name, readParameter(name, given[name], operation.method)]);
  return Object.fromEntries(read) as PathParameters<Path>;
};
