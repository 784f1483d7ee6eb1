import { bundle } from "../middleware/http.ts";
import { putWorkspaceEndpoint } from "./put-workspace.ts";

export const handler = bundle(putWorkspaceEndpoint);
