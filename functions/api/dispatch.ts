import { bundle } from "../middleware/http.ts";
import { dispatchBatchEndpoint } from "./dispatch-batch.ts";
import { dispatchRunEndpoint } from "./dispatch-run.ts";

export const handler = bundle(dispatchRunEndpoint, dispatchBatchEndpoint);
