import { CliFailure, type FailureDocument, Refusal, usage } from "../failure.ts";
import type { Connection } from "../session/connection.ts";
import { path, type Query, withQuery } from "./path.ts";
import { fetchPatiently } from "./patient-fetch.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** The rev that the caller saw. */
  readonly ifMatch?: string | undefined;
  readonly idempotencyKey?: string;
  /** Of a POST that may be sent again without a key. */
  readonly idempotent?: boolean;
}

/** The public HTTP API of one workspace. */
export class Api {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get<T>(target: string, query: Query = {}): Promise<T> {
    return this.call<T>({ method: "GET", path: target, query });
  }

  /**
   * @returns the answer's JSON; undefined for 204
   * @throws Refusal for an answer that is not 2xx; CliFailure where none came, after retries
   */
  async call<T>(call: Call): Promise<T> {
    const { url, workspace } = this.#connection;
    if (workspace === undefined) throw usage("No workspace: give --workspace, or set SLUICE_WORKSPACE.");
    const target = withQuery(`${url}/v1/workspaces${path`/${workspace}`}${call.path}`, call.query);
    let response = await send(target, call, await this.#connection.token());
    if (response.status === 401) {
      const renewed = await this.#connection.renew();
      if (renewed !== undefined) response = await send(target, call, renewed);
    }
    const text = await response.text();
    if (!response.ok) throw new Refusal(response.status, problemOf(response.status, text));
    return (text === "" ? undefined : parsed(text, url)) as T;
  }
}

const send = (target: string, call: Call, token: string): Promise<Response> =>
  fetchPatiently(
    target,
    {
      method: call.method,
      headers: {
        accept: "application/json, application/problem+json",
        authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...(call.ifMatch === undefined ? {} : { "if-match": call.ifMatch }),
        ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      // A redirect is no part of the API, and would carry the token elsewhere.
      redirect: "error",
    },
    call.method !== "POST" || call.idempotencyKey !== undefined || call.idempotent === true,
  );

const parsed = (text: string, url: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = `${url} answered with something that is not JSON; is this the address of the API?`;
    throw new CliFailure(1, { code: "unexpected_answer", detail }, error);
  }
};

/** The problem document, or what can be said of an answer without one, such as API Gateway's own 401. */
const problemOf = (status: number, text: string): FailureDocument => {
  try {
    const body = JSON.parse(text) as { code?: unknown; detail?: unknown; message?: unknown };
    if (typeof body.code === "string" && typeof body.detail === "string") return body as FailureDocument;
    if (typeof body.message === "string" && status !== 401)
      return { code: `http_${status}`, detail: body.message };
  } catch {
    // Not JSON: a proxy's page.
  }
  if (status === 401)
    return { code: "unauthorized", detail: "The token is not accepted; sign in again: sluice login" };
  return { code: `http_${status}`, detail: `The service answered ${status}.` };
};
