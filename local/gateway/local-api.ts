import type { IncomingMessage } from "node:http";
import * as z from "zod";
import { durationMilliseconds } from "../../shared/model/time/clock.ts";
import { type Faults, faultSchema } from "../aws/faults.ts";
import type { StackClock } from "../clock/clock.ts";
import type { LocalEventBus } from "../events/bus.ts";
import type { Roles } from "../iam/roles.ts";
import type { SigningKey } from "../identity/keys.ts";
import { issueToken, tokenRequestSchema } from "../identity/tokens.ts";
import { type Queues, queueName } from "../integrations/queues.ts";
import type { Topics } from "../integrations/topics.ts";
import type { DeadLetters } from "../lambda/dead-letters.ts";
import type { Measurements } from "../metering/measurements.ts";
import type { Usage } from "../metering/usage.ts";
import { BodyTooLarge, type HttpAnswer, readBody } from "./http.ts";
import { json, problem } from "./problem.ts";

const MAX_BODY = 1_024 * 1_024;
/** JavaScript dates end in the year 275760; a longer single advance is a mistake. */
const MAX_MOVE_MS = 100 * 365 * 86_400_000;

const clockSchema = z.strictObject({
  advanceBy: z.string().transform((text, context) => {
    const milliseconds = durationMilliseconds(text);
    if (milliseconds !== undefined && milliseconds <= MAX_MOVE_MS) return milliseconds;
    context.addIssue({
      code: "custom",
      message: "Must be an ISO 8601 duration of weeks, days, hours, minutes and seconds, e.g. P14D",
    });
    return z.NEVER;
  }),
});

const roleSchema = z.strictObject({
  roleArn: z.string().regex(/^arn:[^:]*:iam::\d{12}:role\/\S+$/, "Must be the ARN of a role"),
  mayCall: z.boolean(),
});

export interface LocalApiParts {
  readonly clock: StackClock;
  readonly usage: Usage;
  readonly measurements: Measurements;
  readonly faults: Faults;
  readonly bus: LocalEventBus;
  readonly deadLetters: DeadLetters;
  readonly roles: Roles;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly key: SigningKey;
  /** The default workspace. */
  readonly workspace: string;
  /** Delivers the records that the table's stream still holds, and thereby their events. */
  settle(): Promise<void>;
}

type Handler = (request: IncomingMessage, url: URL) => Promise<HttpAnswer> | HttpAnswer;

/** The API that only the local stack has: clock, tokens, roles, counters, faults, events, messages and dead letters. */
export class LocalApi {
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(parts: LocalApiParts) {
    const { clock, usage, measurements, faults, bus, deadLetters, roles, queues, topics } = parts;
    const nowAnswer = (): HttpAnswer => json(200, { now: new Date(clock.now()).toISOString() });
    this.#handlers = {
      "GET /local/clock": nowAnswer,
      "POST /local/clock": (request) =>
        withBody(request, clockSchema, async ({ advanceBy }) => {
          await clock.advance(advanceBy);
          return nowAnswer();
        }),
      "POST /local/token": (request) =>
        withBody(request, tokenRequestSchema, async (wish) =>
          json(200, { accessToken: await issueToken(parts.key, wish, parts.workspace) }),
        ),
      "GET /local/.well-known/jwks.json": () => json(200, parts.key.publicSet),
      "GET /local/usage": () => json(200, usage.report()),
      "DELETE /local/usage": () => {
        usage.reset();
        return json(200, usage.report());
      },
      "GET /local/metrics": () => json(200, measurements.report()),
      "DELETE /local/metrics": () => {
        measurements.reset();
        return json(200, measurements.report());
      },
      "POST /local/roles": (request) =>
        withBody(request, roleSchema, ({ roleArn, mayCall }) => {
          roles.set(roleArn, mayCall);
          return json(200, { roleArn, mayCall });
        }),
      "GET /local/faults": () => json(200, { items: faults.list() }),
      "POST /local/faults": (request) =>
        withBody(request, faultSchema, (fault) => {
          faults.add(fault);
          return json(200, { items: faults.list() });
        }),
      "DELETE /local/faults": () => {
        faults.clear();
        return json(200, { items: [] });
      },
      "GET /local/events": (_request, url) =>
        listed(url, async (after, limit) => {
          await parts.settle();
          return bus.list(after, limit);
        }),
      "GET /local/messages": (_request, url) => {
        const queue = url.searchParams.get("queue") ?? undefined;
        return listed(url, (after) => queues.list(after, queue && queueName(queue)));
      },
      "GET /local/notifications": (_request, url) => listed(url, (after) => topics.list(after)),
      "GET /local/dead-letters": () => json(200, { items: deadLetters.list() }),
    };
  }

  async answer(request: IncomingMessage, url: URL): Promise<HttpAnswer> {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const handler = this.#handlers[`${method} ${url.pathname}`];
    return handler
      ? handler(request, url)
      : problem(404, "not_found", `There is no ${method} ${url.pathname}`);
  }
}

/** Answers with a log's entries after the number `after` of the query, at most its `limit`. */
async function listed(
  url: URL,
  list: (after: number, limit: number) => readonly object[] | Promise<readonly object[]>,
): Promise<HttpAnswer> {
  const { after = "0", limit = "0" } = Object.fromEntries(url.searchParams);
  for (const [path, value] of Object.entries({ after, limit })) {
    if (!/^\d{1,15}$/.test(value)) return invalid([{ path, message: "Must be a number, 0 or greater" }]);
  }
  return json(200, { items: await list(Number(after), Number(limit)) });
}

async function withBody<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  use: (body: T) => HttpAnswer | Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  let value: unknown;
  try {
    value = JSON.parse((await readBody(request, MAX_BODY)).toString("utf8"));
  } catch (error) {
    if (error instanceof BodyTooLarge) return problem(413, "payload_too_large", error.message);
    return invalid([{ path: "", message: "The request body is not valid JSON" }]);
  }
  const result = schema.safeParse(value);
  return result.success ? use(result.data) : invalid(result.error.issues.map(issue));
}

/** The path of an unknown field is its own, not its parent's. */
function issue(found: z.core.$ZodIssue): { path: string; message: string } {
  const path = found.code === "unrecognized_keys" ? [...found.path, found.keys[0] ?? ""] : found.path;
  return { path: path.join("."), message: found.message };
}

const invalid = (errors: readonly { path: string; message: string }[]): HttpAnswer =>
  problem(422, "invalid_request", errors.map(({ path, message }) => `${path}: ${message}`).join("; "), {
    errors,
  });
