/**
 * Creates the handlers of Sluice's Lambda functions, by function key. A bundle contains one of them, so each is a separate
 * export. The local stack and tests pass their own dependencies.
 */
import {
  createAdminHandler,
  createAttachHandler,
  createBulkHandler,
  createControlHandler,
  createDispatchHandler,
  createHoldsHandler,
  createPublishHandler,
  createReadHandler,
} from "./api/handlers.ts";
import { createOpenApiHandler } from "./api/openapi.ts";
import { createAttachDependencies } from "./dependencies/attach-dependencies.ts";
import { createDependencies } from "./dependencies/dependencies.ts";
import { createDispatchDependencies } from "./dependencies/dispatch-dependencies.ts";
import { createEventDependencies } from "./dependencies/event-dependencies.ts";
import { createReadDependencies } from "./dependencies/read-dependencies.ts";
import { createTaskDependencies } from "./dependencies/task-dependencies.ts";
import { withErrorCap } from "./dependencies/with-error-cap.ts";
import { createExecutionClosedHandler } from "./events/execution-closed.ts";
import { createIntakeHandler } from "./events/intake.ts";
import { createPublishChangesHandler } from "./events/publish-changes.ts";
import { createTemplateResourceHandler } from "./events/template-resource.ts";
import { createAutoResumeHandler, createWarningHandler } from "./schedules/hold-end.ts";
import { createSweepHandler } from "./schedules/sweep.ts";
import { createAwaitEndHandler } from "./tasks/await-end.ts";
import { createBulkBatchHandler, createDrainHandler } from "./tasks/batches.ts";
import { createContinueAsNewHandler, createGateHandler, createParkHandler } from "./tasks/gate.ts";
import { createHumanStepHandler } from "./tasks/human-step.ts";
import { lambdaTelemetry } from "./telemetry/telemetry.ts";

export const openapi = (telemetry = lambdaTelemetry()) => createOpenApiHandler(telemetry);

export const read = (deps = createReadDependencies()) => createReadHandler(deps);
export const publish = (deps = createDependencies()) => createPublishHandler(withErrorCap(deps));
export const attach = (deps = createAttachDependencies()) => createAttachHandler(deps);
export const dispatch = (deps = createDispatchDependencies()) => createDispatchHandler(withErrorCap(deps));
export const holds = (deps = createDependencies()) => createHoldsHandler(deps);
export const control = (deps = createDependencies()) => createControlHandler(withErrorCap(deps));
export const bulk = (deps = createDependencies()) => createBulkHandler(deps);
export const admin = (deps = createDependencies()) => createAdminHandler(deps);

export const intake = (deps = createDependencies()) => createIntakeHandler(withErrorCap(deps));
export const wait = (deps = createTaskDependencies()) => createAwaitEndHandler(deps);
export const gate = (deps = createTaskDependencies()) => createGateHandler(withErrorCap(deps));
export const park = (deps = createTaskDependencies()) => createParkHandler(deps);
export const register = (deps = createAttachDependencies()) => createTemplateResourceHandler(deps);
export const humanStep = (deps = createTaskDependencies()) => createHumanStepHandler(deps);
export const handOver = (deps = createTaskDependencies()) => createContinueAsNewHandler(withErrorCap(deps));

export const drain = (deps = createDependencies()) => createDrainHandler(withErrorCap(deps));
export const bulkBatch = (deps = createDependencies()) => createBulkBatchHandler(withErrorCap(deps));
export const autoResume = (deps = createDependencies()) => createAutoResumeHandler(deps);
export const warning = (deps = createEventDependencies()) => createWarningHandler(deps);
export const sweep = (deps = createEventDependencies()) => createSweepHandler(withErrorCap(deps));

export const publishChanges = (deps = createEventDependencies()) => createPublishChangesHandler(deps);
export const executionClosed = (deps = createDependencies()) =>
  createExecutionClosedHandler(withErrorCap(deps));
