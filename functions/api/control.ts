import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { cancelRunEndpoint } from "./cancel-run.ts";
import { completeStepEndpoint } from "./complete-step.ts";
import { deleteRunEndpoint } from "./delete-run.ts";
import { pauseRunEndpoint } from "./pause-run.ts";
import { resumeRunEndpoint } from "./resume-run.ts";

export const createControlHandler = (deps: Dependencies) =>
  apiHandler(
    [pauseRunEndpoint, resumeRunEndpoint, cancelRunEndpoint, deleteRunEndpoint, completeStepEndpoint],
    deps,
  );
