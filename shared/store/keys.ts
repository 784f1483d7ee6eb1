export type Item = Record<string, unknown>;
export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

const flowPartition = (workspace: string, flowId: string) => `W#${workspace}#F#${flowId}`;
const runPartition = (workspace: string, runId: string) => `W#${workspace}#R#${runId}`;
const withoutHash = (text: string) => text.replaceAll("%", "%25").replaceAll("#", "%23");
const bulkPartition = (workspace: string, bulkId: string) => `W#${workspace}#B#${bulkId}`;
const incidentPartition = (workspace: string, incidentId: string) => `W#${workspace}#I#${incidentId}`;
const pad = (n: number, width: number) => String(n).padStart(width, "0");
/** An attempt, or the id of a request, which is no number. */
const point = (from: number | string) => (typeof from === "number" ? pad(from, 9) : from);

/** Primary keys, one function for each kind of item. */
export const keys = {
  workspace: (ws: string): ItemKey => ({ PK: `W#${ws}`, SK: "WORKSPACE" }),
  member: (ws: string, userId: string): ItemKey => ({ PK: `W#${ws}`, SK: `MEMBER#${userId}` }),
  settings: (ws: string): ItemKey => ({ PK: `W#${ws}`, SK: "SETTINGS" }),
  /** A private view. View ids have no `#`, and it is escaped in user ids, so no user's keys are a prefix of another's. */
  privateView: (ws: string, userId: string, viewId: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `VIEW#P#${withoutHash(userId)}#${viewId}`,
  }),
  sharedView: (ws: string, viewId: string): ItemKey => ({ PK: `W#${ws}`, SK: `VIEW#S#${viewId}` }),
  /** The ids of all views that a user owns. */
  viewIds: (ws: string, userId: string): ItemKey => ({ PK: `W#${ws}`, SK: `VIEWS#${userId}` }),
  /** An entry in the workspace's list of flows. The flow item, which is written often, has its own partition. */
  flowEntry: (ws: string, flowId: string): ItemKey => ({ PK: `W#${ws}`, SK: `FLOW#${flowId}` }),
  flow: (ws: string, flowId: string): ItemKey => ({ PK: flowPartition(ws, flowId), SK: "FLOW" }),
  hold: (ws: string, flowId: string, incarnation: string, copy = 0): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#H#${copy}`,
    SK: "HOLD",
  }),
  version: (ws: string, flowId: string, incarnation: string, version: number): ItemKey => ({
    PK: flowPartition(ws, flowId),
    SK: `V#${incarnation}#${pad(version, 6)}`,
  }),
  /**
   * Compressed definition or compiled text of a version. The rest of a long text has the suffix `#1`, `#2`, … Lists of versions
   * do not read it.
   */
  versionText: (
    ws: string,
    flowId: string,
    incarnation: string,
    version: number,
    part: "user" | "compiled" | "source" | "original",
  ): ItemKey => ({
    PK: flowPartition(ws, flowId),
    SK: `T#${incarnation}#${pad(version, 6)}#${part}`,
  }),
  /** The intent to delete a flow. Its key lies outside the flow's partition, which the deletion empties. */
  flowDeletion: (ws: string, flowId: string, incarnation: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `DELETION#${flowId}#${incarnation}`,
  }),
  /** The flow that is attached to a state machine. */
  attachedMachine: (machineArn: string): ItemKey => ({ PK: `MACHINE#${machineArn}`, SK: "ATTACHED" }),
  /** The note that a flow was attached once, so its gates let executions without a run pass. Outlives the flow. */
  detached: (ws: string, flowId: string, incarnation: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `DETACHED#${flowId}#${incarnation}`,
  }),
  trigger: (ws: string, flowId: string, incarnation: string, triggerId: string): ItemKey => ({
    PK: flowPartition(ws, flowId),
    SK: `TRIGGER#${incarnation}#${triggerId}`,
  }),
  /** The note of schedules that may be left over. Its key lies outside the flow's partition, which the flow's deletion empties. */
  triggerSchedules: (
    ws: string,
    flowId: string,
    incarnation: string,
    triggerId: string,
    noteId: string,
  ): ItemKey => ({ PK: `W#${ws}`, SK: `SCHEDULES#${flowId}#${incarnation}#${triggerId}#${noteId}` }),
  /** A state machine for replays that start at this state. */
  replayMachine: (
    ws: string,
    flowId: string,
    incarnation: string,
    version: number,
    state: string,
  ): ItemKey => ({
    PK: flowPartition(ws, flowId),
    SK: `M#${incarnation}#${pad(version, 6)}#${state}`,
  }),
  queue: (
    ws: string,
    flowId: string,
    incarnation: string,
    shard: number,
    position: string,
    runId: string,
  ): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#Q#${shard}`,
    SK: `${position}#${runId}`,
  }),
  /** The slots of one key of a concurrency limit. */
  slots: (ws: string, flowId: string, incarnation: string, shard: number, id: string): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#K#${shard}`,
    SK: id,
  }),
  /** A run that waits for a slot of the key `id`. */
  slotQueue: (
    ws: string,
    flowId: string,
    incarnation: string,
    shard: number,
    id: string,
    position: string,
    runId: string,
  ): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#W#${shard}`,
    SK: `${id}#${position}#${runId}`,
  }),
  /** Counter of queued records, sharded because each of them writes it. */
  counter: (ws: string, flowId: string, incarnation: string, shard: number): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#C#${shard}`,
    SK: "COUNT",
  }),
  /** Usage that a cap limits. `meter`: a `MeterKind`. */
  meter: (ws: string, flowId: string, incarnation: string, meter: string): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#M#0`,
    SK: meter,
  }),
  flowPark: (
    ws: string,
    flowId: string,
    incarnation: string,
    shard: number,
    runId: string,
    tokenHash: string,
  ): ItemKey => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#P#${shard}`,
    SK: `${runId}#${tokenHash}`,
  }),
  run: (ws: string, runId: string): ItemKey => ({ PK: runPartition(ws, runId), SK: "RUN" }),
  payload: (ws: string, runId: string): ItemKey => ({ PK: runPartition(ws, runId), SK: "IN" }),
  /** A run in the list of those whose attribute has the value. The value is between parts without `#`, so the key is unique. */
  attribute: (
    ws: string,
    { name, value }: { readonly name: string; readonly value: string },
    shard: number,
    position: string,
  ): ItemKey => ({ PK: `W#${ws}#X#${name}#${value}#${shard}`, SK: position }),
  /** The state at which a run continues as new, written by the old execution for the next one. */
  continuation: (ws: string, runId: string, from: number | string): ItemKey => ({
    PK: runPartition(ws, runId),
    SK: `H#${point(from)}`,
  }),
  continuationVariable: (ws: string, runId: string, from: number | string, name: string): ItemKey => ({
    PK: runPartition(ws, runId),
    SK: `H#${point(from)}#${name}`,
  }),
  output: (ws: string, runId: string): ItemKey => ({ PK: runPartition(ws, runId), SK: "OUT" }),
  step: (ws: string, runId: string, stepId: string): ItemKey => ({
    PK: runPartition(ws, runId),
    SK: `S#${stepId}`,
  }),
  runPark: (ws: string, runId: string, tokenHash: string): ItemKey => ({
    PK: runPartition(ws, runId),
    SK: `P#${tokenHash}`,
  }),
  runAudit: (ws: string, runId: string, rev: number): ItemKey => ({
    PK: runPartition(ws, runId),
    SK: `A#${pad(rev, 9)}`,
  }),
  bulk: (ws: string, bulkId: string): ItemKey => ({ PK: bulkPartition(ws, bulkId), SK: "BULK" }),
  /** An entry in the workspace's list of bulk operations, by time. */
  bulkEntry: (ws: string, createdAt: string, bulkId: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `BULK#${createdAt}#${bulkId}`,
  }),
  /** Selected runs, starting at this position. */
  bulkChunk: (ws: string, bulkId: string, place: number): ItemKey => ({
    PK: bulkPartition(ws, bulkId),
    SK: `C#${pad(place, 9)}`,
  }),
  /** Results, starting at this position. */
  bulkResults: (ws: string, bulkId: string, place: number): ItemKey => ({
    PK: bulkPartition(ws, bulkId),
    SK: `R#${pad(place, 9)}`,
  }),
  incident: (ws: string, incidentId: string): ItemKey => ({
    PK: incidentPartition(ws, incidentId),
    SK: "INCIDENT",
  }),
  /** An entry in the workspace's list of incidents, by time. */
  incidentEntry: (ws: string, openedAt: string, incidentId: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `INCIDENT#${openedAt}#${incidentId}`,
  }),
  /** An entry in the workspace's list of open incidents. */
  openIncident: (ws: string, incidentId: string): ItemKey => ({
    PK: `W#${ws}`,
    SK: `OPENINCIDENT#${incidentId}`,
  }),
  /** The state of an incident in a flow. */
  placement: (ws: string, incidentId: string, flowId: string, incarnation: string): ItemKey => ({
    PK: incidentPartition(ws, incidentId),
    SK: `F#${flowId}#${incarnation}`,
  }),
  incidentNote: (ws: string, incidentId: string, at: string, id: string): ItemKey => ({
    PK: incidentPartition(ws, incidentId),
    SK: `N#${at}#${id}`,
  }),
  flowAudit: (ws: string, flowId: string, incarnation: string, rev: number): ItemKey => ({
    PK: flowPartition(ws, flowId),
    SK: `A#${incarnation}#${pad(rev, 9)}`,
  }),
} as const;

/** Partition keys of the indexes. */
export const indexKeys = {
  byFlow: (ws: string, flowId: string, shard: number) => `${flowPartition(ws, flowId)}#${shard}`,
  byStatus: (ws: string, status: string, shard: number) => `W#${ws}#S#${status}#${shard}`,
  due: (shard: number) => `DUE#${shard}`,
  /** Tombstones, by the time after which no late writer can exist. Separate from urgent items, in the same index. */
  tombstones: (shard: number) => `TOMB#${shard}`,
  /** Ended runs, by their end, so that a new retention period applies without rewriting them. */
  ended: (ws: string, shard: number) => `W#${ws}#END#${shard}`,
  /** All workspaces, by creation time. */
  workspaces: "WORKSPACES",
  attention: (ws: string, shard: number) => `W#${ws}#ATT#${shard}`,
  failures: (ws: string, shard: number) => `W#${ws}#FAIL#${shard}`,
  /** The runs of one failure group are neighbors, by the time at which they failed. */
  failure: (failureId: string, position = "") => `${failureId}#${position}`,
  /** Human steps that wait for an answer. */
  inbox: (ws: string, shard: number) => `W#${ws}#INBOX#${shard}`,
  waiting: (ws: string, shard: number) => `W#${ws}#WAIT#${shard}`,
  /** Sort key of runs by time. It is unique, and as a cursor it stays valid when the run is deleted. */
  time: (at: string, runId: string) => `${at}#${runId}`,
} as const;
