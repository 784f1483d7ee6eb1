import { setTimeout as delay } from "node:timers/promises";
import type { RestartableStack } from "./restartable-stack.ts";

/** A client that retries until Sluice answers, whatever fails on the way. */
export class PersistentClient {
  readonly #stack: RestartableStack;
  readonly #user: string;
  #token: string | undefined;
  /** Calls without an answer, and answers that were not from Sluice. */
  unanswered = 0;

  constructor(stack: RestartableStack, user: string) {
    this.#stack = stack;
    this.#user = user;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ status: number; body: Record<string, unknown>; tries: number }> {
    for (let tries = 1; ; tries += 1) {
      try {
        this.#token ??= await this.#freshToken();
        const response = await fetch(`${this.#stack.url}/v1/workspaces/demo${path}`, {
          method,
          headers: {
            authorization: `Bearer ${this.#token}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(key === undefined ? {} : { "idempotency-key": key }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        if (response.status < 500 && response.status !== 429) {
          return { status: response.status, body: text === "" ? {} : JSON.parse(text), tries };
        }
      } catch {
        // The process or its answer is gone. Retry.
      }
      this.unanswered += 1;
      await delay(Math.min(50 * tries, 500));
    }
  }

  async #freshToken(): Promise<string> {
    const response = await fetch(`${this.#stack.url}/local/token`, {
      method: "POST",
      body: JSON.stringify({ user: this.#user }),
    });
    if (!response.ok) throw new Error(`No token yet: ${response.status}`);
    return ((await response.json()) as { accessToken: string }).accessToken;
  }
}
