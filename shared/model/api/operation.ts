import type { z } from "zod";
import type { Permission } from "../access.ts";
import type { ErrorCode } from "../errors.ts";

interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Headers beside Content-Type. */
  readonly headers?: readonly ("ETag" | "Location")[];
}

/** One call of the HTTP API: its route's checks and its page of the OpenAPI document come from here. */
export interface Operation<Path extends string = string, Query = unknown, Body = unknown> {
  readonly id: string;
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

export const operation = <const Path extends string, Query = undefined, Body = undefined>(
  definition: Operation<Path, Query, Body>,
): Operation<Path, Query, Body> => definition;
