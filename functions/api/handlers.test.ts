import type { Context } from "aws-lambda";
import { expect, test } from "vitest";
import { routes } from "../../infra/routes.ts";
import type { AttachDependencies } from "../dependencies/attach-dependencies.ts";
import type { DispatchFunctionDependencies } from "../dependencies/dispatch-dependencies.ts";
import type { ReadDependencies } from "../dependencies/read-dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import type { LambdaHandler } from "../middleware/http.ts";
import type { HttpEvent } from "../middleware/http-event.ts";
import * as handlers from "./handlers.ts";
import { createOpenApiHandler } from "./openapi.ts";

const ignore = (): void => undefined;
const deps = {
  log: { info: ignore, warn: ignore, error: ignore },
  publishMetrics: ignore,
  claims: { platform: "platform", platformValue: "true", workspaces: "workspaces" },
} as unknown as Ending<AttachDependencies & DispatchFunctionDependencies & ReadDependencies>;

const HANDLERS: Readonly<Record<string, LambdaHandler>> = {
  read: handlers.createReadHandler(deps),
  publish: handlers.createPublishHandler(deps),
  attach: handlers.createAttachHandler(deps),
  dispatch: handlers.createDispatchHandler(deps),
  holds: handlers.createHoldsHandler(deps),
  control: handlers.createControlHandler(deps),
  bulk: handlers.createBulkHandler(deps),
  admin: handlers.createAdminHandler(deps),
};

/** Calls without a token, which every operation refuses, and says whether the function has the operation at all. */
const serves = async (handler: LambdaHandler, method: string, path: string): Promise<boolean> => {
  const event = { version: "2.0", requestContext: { http: { method, path } } } as unknown as HttpEvent;
  const { statusCode } = await handler(event, { awsRequestId: "r" } as Context);
  if (statusCode !== 401 && statusCode !== 404) throw new Error(`Unexpected answer ${statusCode}`);
  return statusCode === 401;
};

test.each(routes.filter(({ auth }) => auth))(
  "$method $path is served by the function that its route names, and by no other",
  async ({ method, path, function: name }) => {
    const all = Object.entries(HANDLERS).map(async ([key, handler]) => ({
      key,
      served: await serves(handler, method, path),
    }));
    const serving = (await Promise.all(all)).filter(({ served }) => served);
    expect(serving.map(({ key }) => key)).toEqual([name]);
  },
);

test("the API's description is the only route without a token", async () => {
  const open = routes.filter(({ auth }) => !auth);
  expect(open.map(({ path, function: name }) => [path, name])).toEqual([["/v1/openapi.json", "openapi"]]);
  const event = { requestContext: { http: { method: "GET", path: open[0]?.path } } };
  const answer = await createOpenApiHandler(deps)(event as HttpEvent, { awsRequestId: "r" } as Context);
  expect(answer.statusCode).toBe(200);
});
