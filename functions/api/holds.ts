import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { pauseFlowEndpoint } from "./pause-flow.ts";
import { putCapsEndpoint } from "./put-caps.ts";
import { resumeFlowEndpoint } from "./resume-flow.ts";

/** What places and lifts a flow's holds. */
export const createHoldsHandler = (deps: Dependencies) =>
  apiHandler([pauseFlowEndpoint, resumeFlowEndpoint, putCapsEndpoint], deps);
