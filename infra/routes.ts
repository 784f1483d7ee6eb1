/** Method and path → function. The CDK stack and the local gateway both read it; path parameters as API Gateway writes them. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** The Lambda that serves it, one per set of grants (functions/api/<name>). */
  readonly function: "openapi" | "read" | "publish" | "dispatch" | "control" | "holds" | "bulk" | "admin";
  /** Checked by the JWT authorizer. */
  readonly auth: boolean;
}
const W = "/v1/workspaces/{workspace}";
const route = (method: Route["method"], path: string, name: Route["function"], auth = true): Route => ({
  method,
  path,
  function: name,
  auth,
});

export const routes: readonly Route[] = [
  route("GET", "/v1/openapi.json", "openapi", false),
  route("PUT", W, "admin"),
  route("GET", `${W}/settings`, "admin"),
  route("PUT", `${W}/settings`, "admin"),
  route("GET", `${W}/members`, "read"),
  route("GET", `${W}/members/{userId}`, "read"),
  route("PUT", `${W}/members/{userId}`, "admin"),
  route("DELETE", `${W}/members/{userId}`, "admin"),
  route("PUT", `${W}/flows/{flowId}`, "publish"),
  route("GET", `${W}/flows`, "read"),
  route("GET", `${W}/flows/{flowId}`, "read"),
  route("DELETE", `${W}/flows/{flowId}`, "publish"),
  route("GET", `${W}/flows/{flowId}/versions`, "read"),
  route("GET", `${W}/flows/{flowId}/versions/{version}`, "read"),
  route("POST", `${W}/flows/{flowId}/versions/{version}/activate`, "publish"),
  route("GET", `${W}/flows/{flowId}/audit`, "read"),
  route("POST", `${W}/flows/{flowId}/pause`, "holds"),
  route("POST", `${W}/flows/{flowId}/resume`, "holds"),
  route("PUT", `${W}/flows/{flowId}/caps`, "holds"),
  route("POST", `${W}/flows/{flowId}/runs`, "dispatch"),
  route("POST", `${W}/flows/{flowId}/runs/batch`, "dispatch"),
  route("GET", `${W}/attention`, "read"),
  route("GET", `${W}/inbox`, "read"),
  route("GET", `${W}/views`, "admin"),
  route("GET", `${W}/views/{viewId}`, "admin"),
  route("PUT", `${W}/views/{viewId}`, "admin"),
  route("DELETE", `${W}/views/{viewId}`, "admin"),
  route("GET", `${W}/runs`, "read"),
  route("GET", `${W}/runs/{runId}`, "read"),
  route("DELETE", `${W}/runs/{runId}`, "control"),
  route("GET", `${W}/runs/{runId}/steps`, "read"),
  route("GET", `${W}/runs/{runId}/steps/{stepId}`, "read"),
  route("POST", `${W}/runs/{runId}/steps/{stepId}/complete`, "control"),
  route("GET", `${W}/runs/{runId}/audit`, "read"),
  route("POST", `${W}/runs/{runId}/pause`, "control"),
  route("POST", `${W}/runs/{runId}/resume`, "control"),
  route("POST", `${W}/runs/{runId}/cancel`, "control"),
  route("POST", `${W}/runs/{runId}/replay`, "publish"),
  route("POST", `${W}/bulk-operations`, "bulk"),
  route("GET", `${W}/bulk-operations`, "read"),
  route("GET", `${W}/bulk-operations/{bulkId}`, "read"),
  route("GET", `${W}/bulk-operations/{bulkId}/results`, "read"),
  route("POST", `${W}/bulk-operations/{bulkId}/stop`, "bulk"),
];
