import type { AttachDependencies } from "../../functions/dependencies/attach-dependencies.ts";
import type { DispatchFunctionDependencies } from "../../functions/dependencies/dispatch-dependencies.ts";
import type { EventDependencies } from "../../functions/dependencies/event-dependencies.ts";
import type { ReadDependencies } from "../../functions/dependencies/read-dependencies.ts";
import { type FunctionKey, functions } from "../../infra/functions.ts";
import { keepMeasured, ownClock } from "../lambda/caller.ts";
import type { OwnHandler } from "../lambda/own-functions.ts";

/** Creates the dependencies of Sluice's functions. Called once per stack, when its environment is set. */
export type CreateDependencies = () => Promise<
  EventDependencies & AttachDependencies & DispatchFunctionDependencies & ReadDependencies
>;

/** The same runtime as on AWS, with the stack's clock and meter, and a cheaper client of its table. */
export const localRuntime = async () => {
  const { lambdaRuntime } = await import("../../functions/dependencies/runtime.ts");
  const { lightened } = await import("../aws/light-client.ts");
  const runtime = { ...lambdaRuntime(), clock: ownClock, publishMetrics: keepMeasured };
  lightened(runtime.clients.dynamodb);
  return runtime;
};

/** The same dependencies as on AWS, with the runtime of the stack. */
export const localDependencies: CreateDependencies = async () => {
  const { createEventDependencies } = await import("../../functions/dependencies/event-dependencies.ts");
  const { iamClient, withRoles } = await import("../../functions/dependencies/attach-dependencies.ts");
  const runtime = await localRuntime();
  const { lambdaClient, withEndWaits } = await import(
    "../../functions/dependencies/dispatch-dependencies.ts"
  );
  const deps = withEndWaits(createEventDependencies(runtime), runtime, lambdaClient());
  const { localFunctionLogs } = await import("./function-logs.ts");
  return { ...withRoles(deps, runtime, iamClient()), functionLogs: localFunctionLogs };
};

/** Returns the handlers of Sluice's functions by function name, with shared dependencies. */
export const ownHandlers = (create: CreateDependencies): Record<string, OwnHandler> => {
  let created: ReturnType<CreateDependencies> | undefined;
  const dependencies = () => {
    created ??= create();
    return created;
  };
  /** The handlers are loaded at the first call, so that the stack is ready sooner. */
  const lazily = (key: FunctionKey): OwnHandler => {
    let loaded: Promise<OwnHandler> | undefined;
    return async (event, context) => {
      loaded ??= Promise.all([dependencies(), import("../../functions/lambda.ts")]).then(
        ([deps, create]) => create[key](deps) as OwnHandler,
      );
      return (await loaded)(event, context);
    };
  };
  const keys = Object.keys(functions) as FunctionKey[];
  return Object.fromEntries(keys.map((key) => [functions[key].name, lazily(key)]));
};
