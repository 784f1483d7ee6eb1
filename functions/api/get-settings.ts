import { settingsOperations } from "../../shared/model/api/settings-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getSettingsEndpoint = endpoint(
  settingsOperations.getSettings,
  async ({ params }, _caller, deps) => ({
    status: 200,
    body: await deps.settings.read(params.workspace),
  }),
);
