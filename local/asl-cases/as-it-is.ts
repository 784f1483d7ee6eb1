import { VirtualClock } from "../clock/virtual-clock.ts";
import { createStepFunctions, type StepFunctions } from "../step-functions/index.ts";
import { CaseLambdas } from "./behaviours.ts";
import { Callbacks } from "./callbacks.ts";
import type { AslCase, CaseKind } from "./case.ts";
import { caseIntegrations } from "./integrations.ts";
import { outcomeOf } from "./outcome.ts";

/** Runs a case's definition, unchanged, on the local Step Functions. */
export const asItIs: CaseKind = {
  name: "as it is",
  async run(aslCase: AslCase) {
    const clock = new VirtualClock();
    const sleep = (milliseconds: number) => clock.sleep(milliseconds);
    const callbacks = new Callbacks(aslCase.callbacks ?? [], sleep);
    const integrations = caseIntegrations(aslCase, clock);
    const stepFunctions: StepFunctions = createStepFunctions({
      database: ":memory:",
      clock,
      activity: clock,
      lambda: new CaseLambdas(aslCase.lambdas ?? {}, sleep),
      integrations,
      bus: { publish: async () => {} },
      meter: { stateTransition: () => {} },
      taskWaiting: (task) => {
        const end = clock.begin();
        void callbacks.answer(stepFunctions.service, task).finally(end);
      },
    });
    const { service } = stepFunctions;
    try {
      const { stateMachineArn } = (await service.call("CreateStateMachine", {
        name: "case",
        definition: JSON.stringify(aslCase.definition),
        roleArn: "arn:aws:iam::123456789012:role/case",
      })) as { stateMachineArn: string };
      const { executionArn } = (await service.call("StartExecution", {
        stateMachineArn,
        input: JSON.stringify(aslCase.input),
      })) as { executionArn: string };
      while ((await statusOf(stepFunctions, executionArn)) === "RUNNING" && (await clock.step()));
      return await outcomeOf(service, executionArn);
    } finally {
      await stepFunctions.close();
      integrations.close();
    }
  },
};

async function statusOf({ service }: StepFunctions, executionArn: string): Promise<string> {
  return ((await service.call("DescribeExecution", { executionArn })) as { status: string }).status;
}
