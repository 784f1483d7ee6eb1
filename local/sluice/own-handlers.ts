import type { EventDependencies } from "../../functions/dependencies/event-dependencies.ts";
import { type FunctionKey, functions } from "../../infra/functions.ts";
import { keepMeasured, ownClock } from "../lambda/caller.ts";
import type { OwnHandler } from "../lambda/own-functions.ts";

/** Creates the dependencies of Sluice's functions. Called once a stack, when its environment is set. */
export type CreateDependencies = () => Promise<EventDependencies>;

/** The same dependencies as on AWS, with the stack's clock and meter. */
export const localDependencies: CreateDependencies = async () => {
  const { createEventDependencies } = await import("../../functions/dependencies/event-dependencies.ts");
  const { lambdaRuntime } = await import("../../functions/dependencies/runtime.ts");
  return createEventDependencies({ ...lambdaRuntime(), clock: ownClock, publishMetrics: keepMeasured });
};

type CreateHandler = (deps: EventDependencies) => Promise<(event: never, context: never) => Promise<unknown>>;

/** Each file is loaded at the function's first call, so that the stack is ready sooner. */
const HANDLERS: Readonly<Record<FunctionKey, CreateHandler>> = {
  openapi: async (deps) => (await import("../../functions/api/openapi.ts")).createOpenApiHandler(deps),
  read: async (deps) => (await import("../../functions/api/handlers.ts")).createReadHandler(deps),
  publish: async (deps) => (await import("../../functions/api/handlers.ts")).createPublishHandler(deps),
  dispatch: async (deps) => (await import("../../functions/api/handlers.ts")).createDispatchHandler(deps),
  holds: async (deps) => (await import("../../functions/api/handlers.ts")).createHoldsHandler(deps),
  control: async (deps) => (await import("../../functions/api/handlers.ts")).createControlHandler(deps),
  bulk: async (deps) => (await import("../../functions/api/handlers.ts")).createBulkHandler(deps),
  admin: async (deps) => (await import("../../functions/api/handlers.ts")).createAdminHandler(deps),
  gate: async (deps) => (await import("../../functions/tasks/gate.ts")).createGateHandler(deps),
  park: async (deps) => (await import("../../functions/tasks/park.ts")).createParkHandler(deps),
  humanStep: async (deps) =>
    (await import("../../functions/tasks/human-step.ts")).createHumanStepHandler(deps),
  handOver: async (deps) =>
    (await import("../../functions/tasks/continue-as-new.ts")).createContinueAsNewHandler(deps),
  drain: async (deps) => (await import("../../functions/tasks/drain.ts")).createDrainHandler(deps),
  bulkBatch: async (deps) =>
    (await import("../../functions/tasks/bulk-batch.ts")).createBulkBatchHandler(deps),
  autoResume: async (deps) =>
    (await import("../../functions/schedules/hold-end.ts")).createAutoResumeHandler(deps),
  warning: async (deps) => (await import("../../functions/schedules/hold-end.ts")).createWarningHandler(deps),
  sweep: async (deps) => (await import("../../functions/schedules/sweep.ts")).createSweepHandler(deps),
  publishChanges: async (deps) =>
    (await import("../../functions/events/publish-changes.ts")).createPublishChangesHandler(deps),
  executionClosed: async (deps) =>
    (await import("../../functions/events/execution-closed.ts")).createExecutionClosedHandler(deps),
};

/** Returns the handlers of Sluice's functions by function name, on one set of dependencies. */
export const ownHandlers = (create: CreateDependencies): Record<string, OwnHandler> => {
  let created: ReturnType<CreateDependencies> | undefined;
  const dependencies = () => {
    created ??= create();
    return created;
  };
  const lazily = (createHandler: CreateHandler): OwnHandler => {
    let loaded: Promise<OwnHandler> | undefined;
    return async (event, context) => {
      loaded ??= dependencies().then((deps) => createHandler(deps) as Promise<OwnHandler>);
      return (await loaded)(event, context);
    };
  };
  const keys = Object.keys(HANDLERS) as FunctionKey[];
  return Object.fromEntries(keys.map((key) => [functions[key].name, lazily(HANDLERS[key])]));
};
