import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { taskEvent } from "../../../functions/middleware/task-schema.ts";
import type { ActivityCounter } from "../../../local/clock/activity.ts";
import type { StackClock } from "../../../local/clock/clock.ts";
import { compose } from "../../../local/sluice/compose.ts";
import { buildStack } from "../../../local/stack/stack.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { type Client, clientFor } from "../../harness/clients/client.ts";

/** A gate before a step, just before Sluice decides. */
type OnGate = (runId: string) => Promise<void>;

/** A local stack for one flow, with its functions and stubs. */
export interface CorpusStack {
  readonly admin: Client;
  readonly clock: StackClock;
  readonly activity: ActivityCounter;
  /** Called before each gate of a step. */
  onGate: OnGate;
  /** Calls Step Functions. Throws an error with the service's message. */
  states<T>(operation: string, body: unknown): Promise<T>;
  writeObject(bucket: string, key: string, content: string): void;
  /** The inputs of functions and stubs since their last restart. */
  received(): readonly string[];
  close(): Promise<void>;
}

/** Step Functions refused a request. */
export class StatesError extends Error {
  override readonly name = "StatesError";
}

const GATE = "sluice-gate";

interface Folders {
  readonly functions: string;
  readonly stubs: string;
  received(): readonly string[];
}

export async function startCorpusStack(allow: readonly string[], folders?: Folders): Promise<CorpusStack> {
  const data = mkdtempSync(join(tmpdir(), "sluice-corpus-data-"));
  const composition = compose(undefined, allow);
  const gate = composition.functions[GATE];
  if (gate === undefined) throw new Error(`The stack has no function ${GATE}`);
  let onGate: OnGate = async () => undefined;
  const observed: typeof gate = async (event, context) => {
    const asked = taskEvent("gate", event);
    if (asked.op === "gate" && (asked.kind === "step" || asked.kind === "wait"))
      await onGate(asked.execution.replace(/\.\d+$/, ""));
    return gate(event, context);
  };
  const functions = { ...composition.functions, [GATE]: observed };
  const own = folders && { functions: folders.functions, stubs: folders.stubs };
  const stack = await buildStack({ port: 0, data, allow, ...own }, { ...composition, functions });
  return {
    admin: await clientFor(stack.url, "admin"),
    clock: stack.clock,
    activity: stack.activity,
    get onGate() {
      return onGate;
    },
    set onGate(next) {
      onGate = next;
    },
    async states<T>(operation: string, body: unknown) {
      const response = await fetch(`${stack.url}/aws/states`, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `AWSStepFunctions.${operation}`,
        },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as JsonObject;
      if (!response.ok) throw new StatesError(String(answer["message"] ?? answer["__type"]));
      return answer as T;
    },
    writeObject(bucket, key, content) {
      const file = join(data, "s3", bucket, key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    },
    received: () => folders?.received() ?? [],
    async close() {
      await stack.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
