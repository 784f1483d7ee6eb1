import type { MiddlewareObj } from "@middy/core";
import middy from "@middy/core";
import httpRouter, { type Method } from "@middy/http-router";
import type { Context } from "aws-lambda";
import { authorize, type Caller } from "../../shared/domain/workspace/authorize.ts";
import type { Operation } from "../../shared/model/api/operation.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { workspaceIdSchema } from "../../shared/model/schemas/flow.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { addLogFields, observed } from "../telemetry/invocation.ts";
import { httpAnswer } from "./http-answer.ts";
import { readBody } from "./http-body.ts";
import type { HttpAnswer, HttpContext, HttpEvent, HttpRequest, HttpResult } from "./http-event.ts";
import { identityOf } from "./http-identity.ts";
import { httpInput } from "./http-input.ts";
import { httpProblem } from "./http-problem.ts";

export type LambdaHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/** An operation and its handler, as a route. */
export interface Endpoint {
  readonly method: Method;
  readonly path: string;
  readonly handler: LambdaHandler;
}

/** Binds an operation to the function that handles it. Access is checked first, then the input; then the handler runs. */
export const endpoint = <Path extends string, Query = undefined, Body = undefined>(
  deps: Dependencies,
  operation: Operation<Path, Query, Body>,
  handle: (request: HttpRequest<Path, Query, Body>, caller: Caller) => Promise<HttpAnswer>,
): Endpoint => {
  const chain = middy<HttpEvent, HttpAnswer | HttpResult, Error, HttpContext<Path, Query, Body>>()
    .use(httpAccess(operation, deps))
    .use(httpInput(operation))
    .use(httpAnswer())
    .handler((_event: HttpEvent, context: HttpContext<Path, Query, Body>) =>
      handle(context.request, context.caller),
    );
  return { method: operation.method, path: operation.path, handler: chain as unknown as LambdaHandler };
};

/**
 * Creates a Lambda handler that serves several operations: the router is the innermost middleware, errors and the log are
 * outermost.
 */
export const apiHandler = <Deps extends Dependencies>(
  endpoints: readonly ((deps: Deps) => Endpoint)[],
  deps: Deps,
): LambdaHandler => {
  const router = httpRouter<HttpEvent, HttpResult>({
    routes: endpoints.map((create) => create(deps)),
    notFoundResponse: () => {
      throw new SluiceError("not_found", "There is no resource at this path");
    },
  });
  const chain = middy<HttpEvent, HttpResult>().use(httpProblem(deps.log)).handler(router);
  return observed(chain as unknown as LambdaHandler, deps.publishMetrics);
};

/** Returns the permission that this request requires. Its body has not been checked yet. */
const permissionFor = (
  { permission, dryRunPermission }: Pick<Operation, "permission" | "dryRunPermission">,
  event: HttpEvent,
): Operation["permission"] => {
  if (dryRunPermission === undefined) return permission;
  try {
    return readBody(event)?.["dryRun"] === true ? dryRunPermission : permission;
  } catch {
    return permission;
  }
};

/** Authorizes the caller for the operation. It runs before the input is checked, so that strangers learn nothing about it. */
const httpAccess = <Path extends string, Query, Body>(
  operation: Operation<Path, Query, Body>,
  deps: Dependencies,
): MiddlewareObj<HttpEvent, unknown, Error, HttpContext<Path, Query, Body>> => ({
  before: async ({ event, context }) => {
    const permission = permissionFor(operation, event);
    if (permission === "public") return;
    const identity = identityOf(event.requestContext.authorizer?.jwt?.claims, deps.claims);
    addLogFields({ callerKind: identity.kind, caller: identity.id });
    const workspace = event.pathParameters?.["workspace"] ?? "";
    const valid = workspaceIdSchema.safeParse(workspace).success || permission === "manage-workspaces";
    if (!valid) throw new SluiceError("not_found", "There is no such workspace");
    context.caller = await authorize(deps, identity, workspace, permission);
  },
});
