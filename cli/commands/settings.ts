import { type Command, Option } from "commander";
import type { WorkspaceSettings } from "../../shared/model/workspace-settings.ts";
import { usage } from "../failure.ts";
import { positive } from "../options/paging.ts";
import { fields } from "../terminal/table.ts";
import { branch, leaf } from "./command.ts";
import { calling } from "./shared-commands.ts";

interface SetOptions {
  readonly ownersMayResume?: "true" | "false";
  readonly resumeWithSameAccess?: "true" | "false";
  readonly retentionDays?: number;
}

const settingsText = (settings: WorkspaceSettings): string =>
  fields(Object.entries(settings).map(([name, value]) => [name, String(value)]));

const trueOrFalse = (name: string, description: string): Option =>
  new Option(`${name} <true|false>`, description).choices(["true", "false"]);

const flag = (text: "true" | "false" | undefined): boolean | undefined =>
  text === undefined ? undefined : text === "true";

export const addSettings = (program: Command): void => {
  const settings = branch(program, "settings", "Show or change the workspace's settings");

  calling(
    leaf(settings, "get", "Show the settings", "sluice settings get"),
    (api) => api().getSettings(),
    settingsText,
  );

  calling(
    leaf(
      settings,
      "set",
      "Change settings; omitted settings stay as they are",
      "sluice settings set --owners-may-resume true --retention-days 30",
    )
      .addOption(trueOrFalse("--owners-may-resume", "whether members may resume the runs that they started"))
      .addOption(
        trueOrFalse(
          "--resume-with-same-access",
          "whether a resumed run may continue with the permissions of its start",
        ),
      )
      .option("--retention-days <n>", "days after its end until a run is deleted", positive),
    async (api, _args, options: SetOptions) => {
      const body = {
        ownersMayResume: flag(options.ownersMayResume),
        resumeWithSameAccess: flag(options.resumeWithSameAccess),
        retentionDays: options.retentionDays,
      };
      if (Object.values(body).every((value) => value === undefined))
        throw usage("No setting given. See sluice settings set --help.");
      return api().putSettings({ body });
    },
    settingsText,
  );
};
