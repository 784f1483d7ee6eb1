import type { MiddlewareObj } from "@middy/core";
import { authorize } from "../../shared/domain/workspace/authorize.ts";
import type { Operation } from "../../shared/model/api/operation.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { workspaceIdSchema } from "../../shared/model/schemas/flow.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { addLogFields } from "../telemetry/invocation.ts";
import type { HttpContext, HttpEvent } from "./http-event.ts";
import { identityOf } from "./http-identity.ts";

/** Authorizes the caller for the operation. It runs before the input is checked, so that strangers learn nothing about it. */
export const httpAccess = <Path extends string, Query, Body>(
  operation: Operation<Path, Query, Body>,
  deps: Dependencies,
): MiddlewareObj<HttpEvent, unknown, Error, HttpContext<Path, Query, Body>> => ({
  before: async ({ event, context }) => {
    const { permission } = operation;
    if (permission === "public") return;
    const identity = identityOf(event.requestContext.authorizer?.jwt?.claims, deps.claims);
    addLogFields({ callerKind: identity.kind, caller: identity.id });
    const workspace = event.pathParameters?.["workspace"] ?? "";
    const valid = workspaceIdSchema.safeParse(workspace).success || permission === "manage-workspaces";
    if (!valid) throw new SluiceError("not_found", "There is no such workspace");
    context.caller = await authorize(deps, identity, workspace, permission);
  },
});
