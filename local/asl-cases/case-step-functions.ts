import type { VirtualClock } from "../clock/virtual-clock.ts";
import type { AwsService, EventBus, LambdaInvoker } from "../ports/services.ts";
import { createStepFunctions, type StepFunctions, type WaitingTask } from "../step-functions/index.ts";
import { CaseLambdas } from "./behaviours.ts";
import type { AslCase, Callback } from "./case.ts";
import { caseIntegrations } from "./integrations.ts";

/** Answers task tokens as the case specifies: with the state's next callbacks, up to the first that is not a heartbeat. */
class Callbacks {
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

/** An in-memory local Step Functions that runs a case, with the case's clock, functions, services and answers to task tokens. */
export function caseStepFunctions(
  aslCase: AslCase,
  clock: VirtualClock,
  lambdas: (user: CaseLambdas) => LambdaInvoker,
  bus: EventBus,
) {
  const sleep = (milliseconds: number) => clock.sleep(milliseconds);
  const callbacks = new Callbacks(aslCase.callbacks ?? [], sleep);
  const integrations = caseIntegrations(aslCase, clock);
  const { service, close }: StepFunctions = createStepFunctions({
    ...{ database: ":memory:", clock, activity: clock, integrations, bus },
    lambda: lambdas(new CaseLambdas(aslCase.lambdas ?? {}, sleep)),
    meter: { stateTransition: () => {} },
    taskWaiting: (task) => {
      const end = clock.begin();
      void callbacks.answer(service, task).finally(end);
    },
  });
  return { service, close: () => close().finally(() => integrations.close()) };
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
