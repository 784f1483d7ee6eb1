import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type StackProcess, startInspected } from "../../harness/stack/stack-process.ts";

const SERVICES = ["dynamodb", "states", "scheduler", "lambda", "events"] as const;

/** The stack as a process of its own, its data on disk; killed and started again on the same port, folder and faults. */
export class Service {
  readonly functions;
  /** When it was killed, and when it was ready again, milliseconds of the machine's clock. */
  readonly outages: { readonly from: number; to: number }[] = [];
  readonly #data = mkdtempSync(join(tmpdir(), "sluice-soak-"));
  #stack: StackProcess | undefined;
  #port = "0";
  #faults: { readonly share: number; seed: number } | undefined;

  constructor(functionNames: readonly string[]) {
    this.functions = functionsFolder(...functionNames);
  }

  async start(): Promise<void> {
    this.#stack = await startInspected(
      ...["--port", this.#port, "--data", this.#data, "--functions", this.functions.dir],
    );
    this.#port = new URL(this.#stack.url).port;
    if (this.#faults !== undefined) await this.#order();
  }

  get url(): string {
    return this.#stack?.url ?? "";
  }
  get stack(): StackProcess | undefined {
    return this.#stack;
  }

  async kill(): Promise<void> {
    const outage = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.outages.push(outage);
    await this.#stack?.kill();
    await this.start();
    outage.to = Date.now();
  }

  /** From now on so many calls of each service fail, half of them before and half after they take effect. */
  async breakCalls(share: number, seed: number): Promise<void> {
    this.#faults = { share, seed };
    await this.#order();
  }
  async mendCalls(): Promise<void> {
    this.#faults = undefined;
    await this.#local("DELETE");
  }

  async #order(): Promise<void> {
    if (this.#faults === undefined || this.#faults.share === 0) return;
    for (const service of SERVICES) {
      for (const when of ["before", "after"]) {
        this.#faults.seed += 1;
        const { share, seed } = this.#faults;
        await this.#local("POST", { service, operation: "*", when, probability: share / 2, seed });
      }
    }
  }

  async #local(method: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.url}/local/faults`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} /local/faults answered ${response.status}`);
    await response.arrayBuffer();
  }

  async close(): Promise<number | null> {
    const status = await this.#stack?.stop();
    this.#stack = undefined;
    this.functions.remove();
    rmSync(this.#data, { recursive: true, force: true });
    return status ?? null;
  }
}

/** A client that does not give up: it asks again until it is answered by Sluice, whatever breaks on the way. */
export class Patient {
  readonly #service: Service;
  readonly #user: string;
  #token: string | undefined;
  /** Answers that were not those of Sluice, and calls without one. */
  unanswered = 0;

  constructor(service: Service, user: string) {
    this.#service = service;
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
        const response = await fetch(`${this.#service.url}/v1/workspaces/demo${path}`, {
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
        // The process is gone, or its answer: ask again.
      }
      this.unanswered += 1;
      await delay(Math.min(50 * tries, 500));
    }
  }

  async #freshToken(): Promise<string> {
    const response = await fetch(`${this.#service.url}/local/token`, {
      method: "POST",
      body: JSON.stringify({ user: this.#user }),
    });
    if (!response.ok) throw new Error(`No token yet: ${response.status}`);
    return ((await response.json()) as { accessToken: string }).accessToken;
  }
}
