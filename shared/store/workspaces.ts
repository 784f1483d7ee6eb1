import type { Table } from "./client.ts";
import { keys } from "./table.ts";

export interface WorkspaceRecord {
  readonly workspace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export class WorkspaceStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async read(workspace: string): Promise<WorkspaceRecord | undefined> {
    return (await this.#table.get(keys.workspace(workspace))) as WorkspaceRecord | undefined;
  }

  /** Creates the workspace, or renames it where a name is given. */
  async put(
    workspace: string,
    name: string | undefined,
    now: string,
  ): Promise<{ created: boolean; record: WorkspaceRecord }> {
    const key = keys.workspace(workspace);
    const fresh: WorkspaceRecord = { workspace, name: name ?? workspace, createdAt: now, updatedAt: now };
    if (await this.#table.putIfAbsent({ ...key, ...fresh })) return { created: true, record: fresh };
    const written = await this.#table.update(key, {
      set: name === undefined ? { updatedAt: now } : { name, updatedAt: now },
      when: [],
    });
    return { created: false, record: (written.ok ? written.item : fresh) as unknown as WorkspaceRecord };
  }
}
