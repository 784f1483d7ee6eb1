import type { AwsService } from "../ports/services.ts";
import type { WaitingTask } from "../step-functions/index.ts";
import type { Callback } from "./case.ts";

/** Answers task tokens as the case specifies: with the state's next callbacks, up to the first that is not a heartbeat. */
export class Callbacks {
  readonly #pending: Callback[];
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(callbacks: readonly Callback[], sleep: (milliseconds: number) => Promise<void>) {
    this.#pending = [...callbacks];
    this.#sleep = sleep;
  }

  async answer(service: AwsService, task: Pick<WaitingTask, "token" | "stateName">): Promise<void> {
    for (;;) {
      const index = this.#pending.findIndex((callback) => callback.state === task.stateName);
      const [callback] = index < 0 ? [] : this.#pending.splice(index, 1);
      if (!callback || callback.action === "none") return;
      if (callback.delayMs) await this.#sleep(callback.delayMs);
      await send(service, task.token, callback);
      if (callback.action !== "heartbeat") return;
    }
  }
}

function send(service: AwsService, taskToken: string, callback: Callback): Promise<unknown> {
  if (callback.action === "heartbeat") return service.call("SendTaskHeartbeat", { taskToken });
  if (callback.action === "success")
    return service.call("SendTaskSuccess", { taskToken, output: JSON.stringify(callback.output ?? null) });
  const { error, cause } = callback;
  return service.call("SendTaskFailure", {
    taskToken,
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  });
}
