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

/** An operation of the HTTP API. The checks of its route and its part of the OpenAPI document derive from it. */
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
    | "Incidents"
    | "Views"
    | "Description";
  /** `public` operations need no token. */
  readonly permission: Permission | "public";
  /** Permission for a request whose body has `dryRun: true`, if it differs. */
  readonly dryRunPermission?: Permission;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Whether an empty body counts as `{}`. */
  readonly emptyBody?: boolean;
  /** The request header that changes what the operation does. */
  readonly requestHeader?: "If-Match" | "Idempotency-Key";
  /** Whether `Prefer: wait=<seconds>` lets the call wait for the run's end. */
  readonly prefersWait?: true;
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
type Definitions = { readonly [Id in OperationId]?: Definition };
type Defined<Given extends Definitions> = {
  readonly [Id in keyof Given & OperationId]: Given[Id] & { readonly id: Id } & (typeof PATHS)[Id];
};

/** Rejects ids without a path, and fields that no operation has. */
type NoMoreFields<Given> = {
  readonly [Id in keyof Given]: Id extends OperationId
    ? Record<Exclude<keyof Given[Id], keyof Definition>, never>
    : never;
};

/** Defines operations with their methods and paths. Keeps the types of the schemas, from which clients type their calls. */
export const operations = <const Given extends Definitions>(
  given: Given & NoMoreFields<Given>,
): Defined<Given> => {
  const all = Object.entries<Definition>(given as Definitions as Record<OperationId, Definition>);
  return Object.fromEntries(
    all.map(([id, definition]) => [id, { id, ...PATHS[id as OperationId], ...definition }]),
  ) as unknown as Defined<Given>;
};

type Group = Pick<Operation, "tag" | "permission">;

/** Returns a function that gives an operation of this subject its tag and its permission. */
export const tagged =
  <const Tag extends Operation["tag"]>(tag: Tag) =>
  <const Needed extends Group["permission"]>(permission: Needed) =>
    ({ tag, permission }) as const;

/** Defines an operation that lists resources, page by page. */
export const pages = <const Of extends Group, Page extends z.ZodType>(
  group: Of,
  summary: string,
  description: string,
  schema: Page,
) => ({ summary, ...group, query: pageQuerySchema, answers: { 200: { description, schema } } }) as const;

/** Defines an operation that reads one resource. */
export const reading = <const Of extends Group, Thing extends z.ZodType>(
  group: Of,
  summary: string,
  description: string,
  schema: Thing,
) => ({ summary, ...group, answers: { 200: { description, schema } } }) as const;

/** The responses of an operation that changes or creates a resource. */
export const createdOr = <Thing extends z.ZodType>(existed: string, created: string, schema: Thing) =>
  ({ 200: { description: existed, schema }, 201: { description: created, schema } }) as const;

/** The parts of an operation that deletes a run or a flow. */
export const DELETION = {
  permission: "delete",
  requestHeader: "If-Match",
  answers: { 204: { description: "Deleted" } },
} as const;
