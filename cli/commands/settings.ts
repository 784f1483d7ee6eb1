import { type Command, Option } from "commander";
import type { WorkspaceSettings } from "../../shared/model/workspace-settings.ts";
import { usage } from "../failure.ts";
import { fields } from "../terminal/table.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { positive } from "./paging.ts";

interface SetOptions {
  readonly ownersMayResume?: "true" | "false";
  readonly resumeWithSameAccess?: "true" | "false";
  readonly retentionDays?: number;
}

const settingsText = (settings: WorkspaceSettings): string =>
  fields(Object.entries(settings).map(([name, value]) => [name, String(value)]));

const yesOrNo = (name: string, description: string): Option =>
  new Option(`${name} <true|false>`, description).choices(["true", "false"]);

const flag = (text: "true" | "false" | undefined): boolean | undefined =>
  text === undefined ? undefined : text === "true";

export const addSettings = (program: Command, outcome: Outcome): void => {
  const settings = branch(program, "settings", "What the workspace decides for itself");

  leaf(settings, "get", "Show the settings", "sluice settings get").action(
    perform<object, []>(outcome, async ({ api, terminal }) => {
      const found = await api().get<WorkspaceSettings>("/settings");
      terminal.result(found, () => settingsText(found));
    }),
  );

  leaf(
    settings,
    "set",
    "Change settings; those left out stay",
    "sluice settings set --owners-may-resume true --retention-days 30",
  )
    .addOption(yesOrNo("--owners-may-resume", "members may resume the runs that they started"))
    .addOption(yesOrNo("--resume-with-same-access", "a resumed run may go on with the access of its start"))
    .option("--retention-days <n>", "days after which a run that is over is deleted", positive)
    .action(
      perform<SetOptions, []>(outcome, async ({ api, terminal }, options) => {
        const body = {
          ownersMayResume: flag(options.ownersMayResume),
          resumeWithSameAccess: flag(options.resumeWithSameAccess),
          retentionDays: options.retentionDays,
        };
        if (Object.values(body).every((value) => value === undefined)) throw usage("Nothing to set.");
        const set = await api().call<WorkspaceSettings>({ method: "PUT", path: "/settings", body });
        terminal.result(set, () => settingsText(set));
      }),
    );
};
