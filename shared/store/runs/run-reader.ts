import { within } from "../expressions.ts";
import { type FlowIdentity, type FlowItem, flowItemOf } from "../flows/flow-item.ts";
import { type MachineVersion, MachineVersions } from "../flows/machine-versions.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { mergeAudit } from "./audit.ts";
import { type OutputItem, type RunContents, readContents } from "./run-contents.ts";
import type { AuditEntry, RunItem } from "./run-item.ts";
import { runItemOf } from "./stored-run.ts";

const payloadIn = (item: Item | undefined): string | undefined =>
  typeof item?.["payload"] === "string" ? item["payload"] : undefined;

/** The version of a flow on which new runs begin, and whose permissions they have. */
export type ActiveVersion = Pick<FlowItem, "version" | "runAs">;

/** Reads runs and the items that belong to them, strongly consistent. */
export class RunReader extends TableStore {
  readonly #machines = new MachineVersions(this.table);

  /** Returns the run, or its tombstone (`deleted`). */
  get(workspace: string, runId: string): Promise<RunItem | undefined> {
    return this.table.read(keys.run(workspace, runId), runItemOf);
  }

  /** Reads the run and its payload in one call. */
  async getWithPayload(
    workspace: string,
    runId: string,
  ): Promise<{ readonly run: RunItem | undefined; readonly payload: string | undefined }> {
    const runKey = keys.run(workspace, runId);
    const items = await this.table.getMany([runKey, keys.payload(workspace, runId)]);
    const run = items.find(({ SK }) => SK === runKey.SK);
    const payload = items.find(({ SK }) => SK !== runKey.SK);
    return { run: run && runItemOf(run), payload: payloadIn(payload) };
  }

  /** Returns the JSON text exactly as it was dispatched. */
  async payload(workspace: string, runId: string): Promise<string | undefined> {
    return payloadIn(await this.table.get(keys.payload(workspace, runId)));
  }

  /** Returns the permissions that the user had when they started the run; empty unless the flow runs as its user. */
  async permissionsAtStart(workspace: string, runId: string): Promise<readonly string[]> {
    const { permissions } = (await this.table.get(keys.payload(workspace, runId), "permissions")) ?? {};
    return Array.isArray(permissions) ? permissions.map(String) : [];
  }

  async output(workspace: string, runId: string): Promise<OutputItem | undefined> {
    const item = await this.table.get(keys.output(workspace, runId));
    return item as OutputItem | undefined;
  }

  /** Reads output, steps and parks in one query. */
  contents(workspace: string, runId: string): Promise<RunContents> {
    return readContents(this.table, workspace, runId);
  }

  /** Returns the version of the state machine on which the run's executions start. */
  machineVersion(run: RunItem): Promise<MachineVersion | undefined> {
    return this.#machines.of(run);
  }

  /** Returns the same from the table, even if it is cached. */
  freshMachineVersion(run: RunItem): Promise<MachineVersion | undefined> {
    return this.#machines.fresh(run);
  }

  /** Returns the flow's active version, strongly consistent; undefined if the flow was deleted, or created again. */
  async activeVersion({ workspace, flowId, incarnation }: FlowIdentity): Promise<ActiveVersion | undefined> {
    const flow = await this.table.read(keys.flow(workspace, flowId), flowItemOf);
    return flow?.incarnation === incarnation ? flow : undefined;
  }

  /** Returns every status change since the dispatch, in order of rev. */
  async audit(run: RunItem): Promise<readonly AuditEntry[]> {
    const archived: AuditEntry[] = [];
    const { PK } = keys.run(run.workspace, run.runId);
    for await (const { PK: _partition, SK: _sort, ...entry } of this.table.query({ key: within(PK, "A#") })) {
      archived.push(entry as unknown as AuditEntry);
    }
    return mergeAudit(archived, run.recentAudit);
  }

  /** Returns the change that created a revision, from the run item or the archive. */
  async auditEntry(run: RunItem, rev: number): Promise<AuditEntry | undefined> {
    const recent = run.recentAudit.find((entry) => entry.rev === rev);
    if (recent !== undefined) return recent;
    return (await this.table.get(keys.runAudit(run.workspace, run.runId, rev))) as AuditEntry | undefined;
  }
}
