import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { problemSchema } from "../../../shared/model/api/problem.ts";
import { ERROR_CODES } from "../../../shared/model/errors.ts";
import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import type { FuzzEnvironment } from "./fuzz-environment.ts";
import { type FuzzRequest, resolved } from "./requests.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Milliseconds of real time. API Gateway allows a call 29 seconds. */
const LONGEST = 20_000;
/** The largest answer that Lambda returns to API Gateway. */
const MAX_ANSWER = 5_000_000;

/** The table's items, and the write units consumed by then. */
interface Snapshot {
  readonly writes: number;
  readonly background: number;
  readonly items: readonly unknown[];
}

/** Counts of the requests so far. */
export interface Tally {
  sent: number;
  /** Requests that an operation's schemas accept: permitted, and not rejected as invalid. */
  accepted: number;
  /** Refusals during which something else wrote, so that the table could not be compared. */
  unclear: number;
  readonly byStatus: Map<number, number>;
  readonly byOperation: Map<string, number>;
}

/** Sends requests to a stack and reports problems with the answers. */
export class Judge {
  readonly #environment: FuzzEnvironment;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** The current table, while nothing has been written since. */
  #items: Snapshot | undefined;
  readonly tally: Tally = { sent: 0, accepted: 0, unclear: 0, byStatus: new Map(), byOperation: new Map() };

  constructor(environment: FuzzEnvironment) {
    this.#environment = environment;
  }

  /** Throws a description of the problem. */
  async judge(given: FuzzRequest): Promise<void> {
    const request = resolved(given, this.#environment.names);
    const before = await this.#table();
    const answer = await this.#send(request);
    this.#count(request, answer);
    checkAnswer(request, answer);
    if (answer.status >= 400) await this.#sawNoWrite(before);
  }

  close(): void {
    this.#agent.destroy();
  }

  #count(request: FuzzRequest, { status, text }: Answer): void {
    const { tally } = this;
    const { operation } = request.described;
    tally.sent += 1;
    tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + 1);
    const refusedForForm = [400, 401, 403, 405, 413, 415].includes(status) || /"code":"invalid_/.test(text);
    const unrouted = status === 404 && request.method !== operation.method;
    if (refusedForForm || unrouted) return;
    tally.accepted += 1;
    tally.byOperation.set(operation.id, (tally.byOperation.get(operation.id) ?? 0) + 1);
  }

  async #table(): Promise<Snapshot> {
    const { total } = await this.#environment.writes();
    if (this.#items?.writes === total) return this.#items;
    await this.#environment.rest();
    const items = await allItems(this.#environment.stack.url);
    const { total: writes, background } = await this.#environment.writes();
    this.#items = { writes, background, items };
    return this.#items;
  }

  /** A rejected conditional write costs units too, so only the items show what was written. */
  async #sawNoWrite(before: Snapshot): Promise<void> {
    const { total, background } = await this.#environment.writes();
    if (total === before.writes) return;
    const after = await allItems(this.#environment.stack.url);
    if (sorted(after).join("\n") === sorted(before.items).join("\n")) {
      this.#items = { writes: total, background, items: after };
      return;
    }
    this.#items = undefined;
    // The sweeper may run at any time, and its writes say nothing about the request.
    if (background > before.background) {
      this.tally.unclear += 1;
      return;
    }
    throw new PartialWrite(before.items, after);
  }

  #send(request: FuzzRequest): Promise<Answer> {
    const query = request.query.map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    const token = this.#environment.token(request.caller);
    const { hostname, port } = new URL(this.#environment.stack.url);
    const headers: Record<string, string | string[]> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    for (const [name, value] of request.headers)
      headers[name.toLowerCase()] = typeof value === "string" ? value : [...value];
    return new Promise((resolve, reject) => {
      const path = `/${request.path.join("/")}${query.length === 0 ? "" : `?${query.join("&")}`}`;
      const body = request.body ?? Buffer.alloc(0);
      const outgoing = httpRequest(
        {
          hostname,
          port,
          method: request.method,
          path,
          agent: this.#agent,
          timeout: LONGEST,
          headers: { ...headers, "content-length": body.length },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`No answer within ${LONGEST} ms`)));
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

/** Items as strings that are equal if the items are, since attributes come in any order. */
const sorted = (items: readonly unknown[]): string[] =>
  items
    .map((item) =>
      JSON.stringify(item, (_key, value) => {
        if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
        const plain = typeof value === "object" && value !== null && !Array.isArray(value);
        return plain ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
      }),
    )
    .sort();

/** Describes what a refusal left behind. */
class PartialWrite extends Error {
  constructor(before: readonly unknown[], after: readonly unknown[]) {
    const [old, now] = [new Set(sorted(before)), new Set(sorted(after))];
    const gone = [...old].filter((item) => !now.has(item));
    const come = [...now].filter((item) => !old.has(item));
    super(
      `A refused request wrote.\nGone: ${gone.join("\n").slice(0, 3_000)}\nCome: ${come.join("\n").slice(0, 3_000)}`,
    );
    this.name = "PartialWrite";
  }
}

const wrong = (what: string, { status, text }: Answer): Error =>
  new Error(`${what}: ${status} ${text.slice(0, 2_000)}`);

const jsonOf = (answer: Answer): Json | undefined => {
  if (answer.text === "") return undefined;
  try {
    return JSON.parse(answer.text) as Json;
  } catch {
    throw wrong("The answer is no JSON", answer);
  }
};

const checkAnswer = (request: FuzzRequest, answer: Answer): void => {
  const { status, headers, text } = answer;
  if (status >= 500) throw wrong("An error of the server's", answer);
  if (text.length > MAX_ANSWER) throw wrong("An answer larger than 5 MB", answer);
  const type = headers["content-type"] ?? "";
  const body = jsonOf(answer);
  if (status === 401 && isJsonObject(body) && body["message"] === "Unauthorized") return;
  if (status >= 400) checkProblem(request, answer, type, body);
  // Only a request whose method was replaced with that of another route can answer like that route.
  if (status < 400 && request.method === request.described.operation.method)
    checkSuccess(request, answer, body);
};

const checkProblem = (
  { described, method }: FuzzRequest,
  answer: Answer,
  type: string,
  body: Json | undefined,
): void => {
  if (!type.startsWith("application/problem+json")) throw wrong("The refusal is not problem+json", answer);
  const problem = problemSchema.safeParse(body);
  if (!problem.success) throw wrong(`A problem of another shape (${problem.error.message})`, answer);
  const { code, status } = problem.data;
  if (ERROR_CODES[code].status !== answer.status || status !== answer.status)
    throw wrong("A code with another's status", answer);
  if (/\.ts:\d+|node_modules| {4}at \w/.test(answer.text)) throw wrong("A stack trace", answer);
  // The gateway itself refuses oversized requests and unknown paths.
  const documented =
    described.statuses.has(answer.status) || code === "not_found" || code === "payload_too_large";
  if (!documented && method === described.operation.method)
    throw wrong(`A status that ${described.operation.id} does not document`, answer);
};

const checkSuccess = (
  { described: { operation } }: FuzzRequest,
  answer: Answer,
  body: Json | undefined,
): void => {
  const documented = operation.answers[answer.status];
  if (documented === undefined) throw wrong(`A success that ${operation.id} does not document`, answer);
  const fits = documented.schema?.safeParse(body);
  if (fits?.success === false)
    throw wrong(`Not what ${operation.id} says it answers (${fits.error.message})`, answer);
};
