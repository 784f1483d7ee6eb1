import { type OperationId, PATHS, WITH_IF_MATCH } from "../model/api/paths.ts";
import { ApiError, errorIn } from "./api-error.ts";
import type { CallOptions, Client } from "./operations.ts";
import { type Fetch, send } from "./send.ts";

export interface ClientOptions {
  /** URL of the API, without a trailing slash; "" for the page's own origin. */
  readonly url: string;
  /** Workspace of calls that do not name one. */
  readonly workspace?: string | undefined;
  /**
   * The bearer token of the next call; undefined sends none.
   * @param rejected the token that the service has just answered with 401. A different one is tried, once.
   */
  readonly token?: (rejected?: string) => Promise<string | undefined>;
  /** Repeats calls while the service throttles or is unavailable, provided that they are safe to repeat. */
  readonly retry?: boolean;
  readonly fetch?: Fetch;
}

/** A request of any operation. */
interface AnyRequest extends CallOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly ifMatch?: number | "any";
  readonly idempotencyKey?: string;
  readonly waitSeconds?: number;
}

/** A client of the HTTP API, for Node and browsers. Its methods throw `ApiError`. */
export const createClient = (options: ClientOptions): Client =>
  Object.fromEntries(
    (Object.keys(PATHS) as OperationId[]).map((id) => [
      id,
      (request: AnyRequest = {}) => call(options, id, request),
    ]),
  ) as unknown as Client;

const call = async (options: ClientOptions, id: OperationId, request: AnyRequest): Promise<unknown> => {
  const { method, path } = PATHS[id];
  const {
    workspace = options.workspace,
    query,
    body,
    ifMatch,
    idempotencyKey,
    waitSeconds,
    signal,
  } = request;
  const url = options.url + pathOf(path, { ...request, workspace }) + queryOf(query);
  // A dry run changes nothing.
  const isDryRun = (body as { dryRun?: boolean } | undefined)?.dryRun === true;
  const isIdempotent = method !== "POST" || idempotencyKey !== undefined || isDryRun;
  const sendWith = (token: string | undefined): Promise<Response> =>
    send(
      url,
      {
        method,
        headers: {
          accept: "application/json, application/problem+json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...ifMatchOf(id, ifMatch),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
          ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      },
      options.retry !== true ? "never" : isIdempotent ? "idempotent" : "after-429",
      options.fetch,
    );
  const token = await options.token?.();
  let response = await sendWith(token);
  if (response.status === 401 && token !== undefined) {
    const renewed = await options.token?.(token);
    if (renewed !== undefined && renewed !== token) response = await sendWith(renewed);
  }
  const text = await response.text();
  if (!response.ok) throw errorIn(response.status, text);
  return text === "" ? undefined : parsed(text, response.status);
};

/**
 * The header of a change that may depend on the revision. Callers must say `any` to apply the change to any revision; omitting
 * the revision is an error.
 */
const ifMatchOf = (id: OperationId, ifMatch: AnyRequest["ifMatch"]): Readonly<Record<string, string>> => {
  const ids: readonly OperationId[] = WITH_IF_MATCH;
  if (!ids.includes(id)) return {};
  if (ifMatch === undefined)
    throw new ApiError("invalid_request", `${id} needs ifMatch: the rev that the caller has read, or "any".`);
  return { "if-match": ifMatch === "any" ? "*" : `"${ifMatch}"` };
};

const pathOf = (template: string, values: object): string =>
  template.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = (values as Readonly<Record<string, unknown>>)[name];
    // URLs resolve dot segments, so the call would go elsewhere.
    if (typeof value !== "string" || ["", ".", ".."].includes(value))
      throw new ApiError("invalid_request", `${JSON.stringify(value ?? "")} is not a valid ${name}.`);
    return encodeURIComponent(value);
  });

const queryOf = (query: AnyRequest["query"] = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
};

const parsed = (text: string, status: number): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("unexpected_answer", "The answer is not JSON. Is this the address of the API?", {
      status,
      cause,
    });
  }
};
