import { settingsOperations } from "../../shared/model/api/settings-operations.ts";
import { iso } from "../../shared/model/time/clock.ts";
import { endpoint } from "../middleware/http.ts";

export const putSettingsEndpoint = endpoint(
  settingsOperations.putSettings,
  async ({ params, body }, _caller, tools) => ({
    status: 200,
    body: await tools.settings.change(params.workspace, body, iso(tools.clock.now())),
  }),
);
