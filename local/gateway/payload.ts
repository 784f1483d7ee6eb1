import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ACCOUNT } from "../aws/function-name.ts";
import type { HttpAnswer } from "./http.ts";
import type { RouteMatch } from "./route-table.ts";

/** Bodies of these content types are passed to the function as text, all others in Base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.+-]+\+(json|xml)\b)/i;

interface Parts {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly match: RouteMatch;
  readonly claims: Readonly<Record<string, string>> | undefined;
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The event of API Gateway's payload format 2.0 ("Lambda proxy integrations for HTTP APIs"). */
export function proxyEvent({ request, url, match, claims, body, now }: Parts) {
  const { route, pathParameters } = match;
  const routeKey = `${route.method.toUpperCase()} ${route.path}`;
  const headers = headersOf(request);
  const { cookie, ...others } = headers;
  const contentType = headers["content-type"];
  const isText = contentType === undefined || TEXT.test(contentType);
  return {
    version: "2.0",
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers: others,
    ...(url.search.length > 1 ? { queryStringParameters: queryOf(url) } : {}),
    ...(Object.keys(pathParameters).length > 0 ? { pathParameters } : {}),
    requestContext: {
      accountId: ACCOUNT,
      apiId: "local",
      // Only routes that require scopes have scopes here.
      ...(claims === undefined ? {} : { authorizer: { jwt: { claims, scopes: null } } }),
      domainName: headers["host"] ?? "localhost",
      domainPrefix: "local",
      http: {
        method: route.method.toUpperCase(),
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
    ...(body.length > 0 ? { body: body.toString(isText ? "utf8" : "base64") } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Names in lower case; multiple values joined with commas. */
function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === "cookie" ? "; " : ","),
    ]),
  );
}

function queryOf(url: URL): Record<string, string> {
  const names = new Set(url.searchParams.keys());
  return Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name).join(",")]));
}

/** The response that API Gateway derives from a function's result; undefined if the result is malformed. */
export function answerOf(result: unknown): HttpAnswer | undefined {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (body !== undefined && body !== null && typeof body !== "string") return undefined;
  const lowered = Object.entries(headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return {
    status,
    headers: {
      "content-type": "text/plain;charset=UTF-8",
      ...Object.fromEntries(lowered.filter(([name]) => name !== "content-length")),
      ...(Array.isArray(cookies) ? { "set-cookie": cookies.map(String) } : {}),
    },
    body: Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"),
  };
}
