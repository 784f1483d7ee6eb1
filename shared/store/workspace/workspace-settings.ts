import type { SettingsChange } from "../../model/schemas/workspace-settings.ts";
import type { WorkspaceSettings } from "../../model/workspace-settings.ts";
import { DEFAULT_SETTINGS } from "../../model/workspace-settings.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";

/** Reads and writes the settings of workspaces. A setting that was never set has its default. */
export class SettingsStore extends TableStore {
  async read(workspace: string): Promise<WorkspaceSettings> {
    return settingsOf(await this.table.get(keys.settings(workspace)));
  }

  /** Changes only the given settings, and returns all. `now`: ISO 8601. */
  async change(workspace: string, change: SettingsChange, now: string): Promise<WorkspaceSettings> {
    if (Object.values(change).every((value) => value === undefined)) return this.read(workspace);
    const set = { ...change, updatedAt: now };
    const written = await this.table.update(keys.settings(workspace), { set, when: [] });
    return settingsOf(written.ok ? written.item : undefined);
  }
}

/** Extracts the settings from the item's attributes. */
const settingsOf = (item: Item | undefined): WorkspaceSettings => ({
  ...DEFAULT_SETTINGS,
  ...Object.fromEntries(
    Object.keys(DEFAULT_SETTINGS).flatMap((name) => (item?.[name] === undefined ? [] : [[name, item[name]]])),
  ),
});
