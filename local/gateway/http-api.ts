import type { IncomingMessage } from "node:http";
import type { Outcome } from "../lambda/outcome.ts";
import type { Clock } from "../ports/clock.ts";
import type { Authorizer } from "./authorizer.ts";
import { BodyTooLarge, type HttpAnswer, readBody } from "./http.ts";
import { answerOf, proxyEvent } from "./payload.ts";
import { json, problem } from "./problem.ts";
import type { RouteMatch, RouteTable } from "./route-table.ts";

const MAX_BODY = 5 * 1_024 * 1_024;

interface Parts {
  readonly routes: RouteTable;
  readonly authorizer: Authorizer;
  readonly invoke: (functionName: string, payload: string) => Promise<Outcome>;
  readonly clock: Clock;
}

/** API Gateway's HTTP API: route, authorizer, function. */
export class HttpApi {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage, url: URL): Promise<HttpAnswer> {
    // HEAD is answered like GET; the server omits the body.
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    const match = this.#find(method, url.pathname);
    if (match === undefined) return problem(404, "not_found", `There is no ${method} ${url.pathname}`);
    const authorization = match.route.auth
      ? await this.#parts.authorizer(request.headers.authorization)
      : undefined;
    if (authorization?.ok === false) {
      const answer = json(401, { message: "Unauthorized" });
      return { ...answer, headers: { ...answer.headers, "www-authenticate": authorization.challenge } };
    }
    try {
      const body = await readBody(request, MAX_BODY);
      const event = proxyEvent({
        request,
        url,
        match,
        claims: authorization?.claims,
        body,
        now: this.#parts.clock.now(),
      });
      return await this.#call(match.route.function, JSON.stringify(event));
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      return problem(413, "payload_too_large", error.message);
    }
  }

  #find(method: string, path: string): RouteMatch | undefined {
    try {
      return this.#parts.routes.find(method, path);
    } catch {
      // A badly encoded parameter cannot match anything.
      return undefined;
    }
  }

  async #call(functionName: string, event: string): Promise<HttpAnswer> {
    const outcome = await this.#parts.invoke(functionName, event);
    const answer = outcome.ok ? answerOf(JSON.parse(outcome.payload)) : undefined;
    if (answer !== undefined) return answer;
    process.stderr.write(`[${functionName}] ${outcome.ok ? "malformed response" : outcome.payload}\n`);
    return json(500, { message: "Internal Server Error" });
  }
}
