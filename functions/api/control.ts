import { bundle } from "../middleware/http.ts";
import { cancelRunEndpoint } from "./cancel-run.ts";
import { completeStepEndpoint } from "./complete-step.ts";
import { deleteRunEndpoint } from "./delete-run.ts";
import { pauseRunEndpoint } from "./pause-run.ts";
import { resumeRunEndpoint } from "./resume-run.ts";

export const handler = bundle(
  pauseRunEndpoint,
  resumeRunEndpoint,
  cancelRunEndpoint,
  deleteRunEndpoint,
  completeStepEndpoint,
);
