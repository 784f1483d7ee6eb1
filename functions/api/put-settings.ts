import { settingsOperations } from "../../shared/model/api/settings-operations.ts";
import { iso } from "../../shared/model/time/clock.ts";
import { endpoint } from "../middleware/http.ts";

export const putSettingsEndpoint = endpoint(
  settingsOperations.putSettings,
  async ({ params, body }, _caller, deps) => ({
    status: 200,
    body: await deps.settings.change(params.workspace, body, iso(deps.clock.now())),
  }),
);
