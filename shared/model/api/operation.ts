import type { z } from "zod";
import type { Permission } from "../access.ts";
import type { ErrorCode } from "../errors.ts";
import { type OperationId, PATHS } from "./paths.ts";

interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Headers beside Content-Type. */
  readonly headers?: readonly ("ETag" | "Location")[];
}

/** One call of the HTTP API: its route's checks and its page of the OpenAPI document come from here. */
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
  /** `public`: no token is asked for. */
  readonly permission: Permission | "public";
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** An empty body stands for `{}`. */
  readonly emptyBody?: boolean;
  /** Request headers that the call heeds. */
  readonly heeds?: "If-Match" | "Idempotency-Key";
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals beyond those that every call of its kind has. */
  readonly errors: readonly ErrorCode[];
}

/** Names of the path's parameters. */
type PathParameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;
export type PathParameters<Path extends string> = Readonly<Record<PathParameter<Path>, string>>;

type Definition = Omit<Operation, "id" | "method" | "path">;

/** An operation under its method and path; keeps the types of its schemas, from which the client's calls are typed. */
export const operation = <const Id extends OperationId, const Given extends Definition>(
  id: Id,
  definition: Given & Record<Exclude<keyof Given, keyof Definition>, never>,
): Given & { readonly id: Id } & (typeof PATHS)[Id] => ({ id, ...PATHS[id], ...definition });
