import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { dispatchBatchEndpoint } from "./dispatch-batch.ts";
import { dispatchRunEndpoint } from "./dispatch-run.ts";

export const createDispatchHandler = (deps: Dependencies) =>
  apiHandler([dispatchRunEndpoint, dispatchBatchEndpoint], deps);
