import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { activateVersionEndpoint } from "./activate-version.ts";
import { deleteFlowEndpoint } from "./delete-flow.ts";
import { publishFlowEndpoint } from "./publish-flow.ts";
import { replayRunEndpoint } from "./replay-run.ts";

/** What makes or deletes state machines. */
export const createPublishHandler = (deps: Dependencies) =>
  apiHandler([publishFlowEndpoint, activateVersionEndpoint, deleteFlowEndpoint, replayRunEndpoint], deps);
