import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type StackProcess, startInspected } from "../../harness/stack/stack-process.ts";

const SERVICES = ["dynamodb", "states", "scheduler", "lambda", "events"] as const;

/**
 * The stack as a process of its own with its data on disk. It can be killed, and restarts with the same port, data and faults. Faults are
 * those of the stack itself, since the proofs' fault injector works in one process only.
 */
export class RestartableStack {
  readonly functions;
  /** Times of each kill and of being ready again, milliseconds of the machine's clock. */
  readonly outages: { readonly from: number; to: number }[] = [];
  readonly #data = mkdtempSync(join(tmpdir(), "sluice-soak-"));
  #process: StackProcess | undefined;
  #port = "0";
  #faults: { readonly share: number; seed: number } | undefined;

  constructor(functionNames: readonly string[]) {
    this.functions = functionsFolder(...functionNames);
  }

  async start(): Promise<void> {
    this.#process = await startInspected(
      ...["--port", this.#port, "--data", this.#data, "--functions", this.functions.dir],
    );
    this.#port = new URL(this.#process.url).port;
    if (this.#faults !== undefined) await this.#inject();
  }

  get url(): string {
    return this.#process?.url ?? "";
  }
  get process(): StackProcess | undefined {
    return this.#process;
  }

  async kill(): Promise<void> {
    const outage = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.outages.push(outage);
    await this.#process?.kill();
    await this.start();
    outage.to = Date.now();
  }

  /** Makes a share of the calls of each service fail, half of them before and half after they take effect. */
  async injectFaults(share: number, seed: number): Promise<void> {
    this.#faults = { share, seed };
    await this.#inject();
  }
  async removeFaults(): Promise<void> {
    this.#faults = undefined;
    await this.#local("DELETE");
  }

  async #inject(): Promise<void> {
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
    const status = await this.#process?.stop();
    this.#process = undefined;
    this.functions.remove();
    rmSync(this.#data, { recursive: true, force: true });
    return status ?? null;
  }
}
