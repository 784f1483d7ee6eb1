import { expect, it } from "vitest";
import { RouteTable } from "./route-table.ts";

const route = (method: string, path: string) => ({ method, path, function: `${method} ${path}`, auth: true });
const table = new RouteTable([
  route("GET", "/v1/workspaces/{workspace}/runs/{runId}"),
  route("GET", "/v1/workspaces/{workspace}/runs"),
  route("POST", "/v1/workspaces/{workspace}/flows/{flowId}/runs/batch"),
  route("POST", "/v1/workspaces/{workspace}/flows/{flowId}/{action}/{more}"),
  route("GET", "/v1/workspaces/special/runs"),
]);
const found = (method: string, path: string) => table.find(method, path)?.route.path;

it("prefers a fixed segment, and uses the parameter if the fixed one has no match", () => {
  expect(found("GET", "/v1/workspaces/special/runs")).toBe("/v1/workspaces/special/runs");
  expect(found("GET", "/v1/workspaces/special/runs/r1")).toBe("/v1/workspaces/{workspace}/runs/{runId}");
  expect(found("POST", "/v1/workspaces/a/flows/f/runs/batch")).toBe(
    "/v1/workspaces/{workspace}/flows/{flowId}/runs/batch",
  );
  expect(found("POST", "/v1/workspaces/a/flows/f/runs/other")).toBe(
    "/v1/workspaces/{workspace}/flows/{flowId}/{action}/{more}",
  );
});

it("decodes path parameters", () => {
  expect(table.find("GET", "/v1/workspaces/a%20b/runs/x%2Fy")?.pathParameters).toEqual({
    workspace: "a b",
    runId: "x/y",
  });
});

it.each([
  ["GET", "/v1/workspaces/a"],
  ["GET", "/v1/workspaces//runs"],
  ["GET", "/v1/workspaces/a/runs/"],
  ["DELETE", "/v1/workspaces/a/runs"],
  ["GET", "/"],
])("has no %s %s", (method, path) => {
  expect(table.find(method, path)).toBeUndefined();
});
