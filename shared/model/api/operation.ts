import type { z } from "zod";
import type { Permission } from "../access.ts";
import type { ErrorCode } from "../errors.ts";
import { pageQuerySchema } from "../schemas/fields.ts";
import { type OperationId, PATHS } from "./paths.ts";

interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Response headers other than Content-Type. */
  readonly headers?: readonly ("ETag" | "Location")[];
}

/** An operation of the HTTP API, from which the checks of its route and its part of the OpenAPI document derive. */
export interface Operation<Path extends string = string, Query = unknown, Body = unknown> {
  readonly id: OperationId;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: Path;
  readonly summary: string;
  readonly tag:
    | "Workspaces"
    | "Members"
    | "Flows"
    | "Runs"
    | "Steps"
    | "Bulk operations"
    | "Views"
    | "Description";
  /** `public` operations need no token. */
  readonly permission: Permission | "public";
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Whether an empty body counts as `{}`. */
  readonly emptyBody?: boolean;
  /** The request header that changes what the operation does. */
  readonly requestHeader?: "If-Match" | "Idempotency-Key";
  readonly answers: Readonly<Record<number, Answer>>;
  /** Errors in addition to those of every operation of its kind. */
  readonly errors?: readonly ErrorCode[];
}

/** Names of the parameters in the path. */
type PathParameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;
export type PathParameters<Path extends string> = Readonly<Record<PathParameter<Path>, string>>;

type Definition = Omit<Operation, "id" | "method" | "path">;

/** Defines an operation at its method and path. It keeps the types of the schemas, from which clients type their calls. */
export const operation = <const Id extends OperationId, const Given extends Definition>(
  id: Id,
  definition: Given & Record<Exclude<keyof Given, keyof Definition>, never>,
): Given & { readonly id: Id } & (typeof PATHS)[Id] => ({ id, ...PATHS[id], ...definition });

/** The parts of an operation that lists things, page by page. */
export const pages = <Page extends z.ZodType>(description: string, schema: Page) =>
  ({ query: pageQuerySchema, answers: { 200: { description, schema } } }) as const;

/** The answers of an operation that changes a thing, or creates it. */
export const createdOr = <Thing extends z.ZodType>(existed: string, created: string, schema: Thing) =>
  ({ 200: { description: existed, schema }, 201: { description: created, schema } }) as const;

/** The parts of an operation that deletes a run or a flow. */
export const DELETION = {
  permission: "delete",
  requestHeader: "If-Match",
  answers: { 204: { description: "Deleted" } },
} as const;
