type Key = { PK: string; SK: string };

const flowPartition = (workspace: string, flowId: string) => `W#${workspace}#F#${flowId}`;
const runPartition = (workspace: string, runId: string) => `W#${workspace}#R#${runId}`;
const withoutHash = (text: string) => text.replaceAll("%", "%25").replaceAll("#", "%23");
const bulkPartition = (workspace: string, bulkId: string) => `W#${workspace}#B#${bulkId}`;
const pad = (n: number, width: number) => String(n).padStart(width, "0");

/** Primary keys, one function an item. */
export const keys = {
  workspace: (ws: string): Key => ({ PK: `W#${ws}`, SK: "WORKSPACE" }),
  member: (ws: string, userId: string): Key => ({ PK: `W#${ws}`, SK: `MEMBER#${userId}` }),
  settings: (ws: string): Key => ({ PK: `W#${ws}`, SK: "SETTINGS" }),
  /** A view of one user's own. The id holds no `#`, and the user's is written without, so nobody's keys begin as another's. */
  privateView: (ws: string, userId: string, viewId: string): Key => ({
    PK: `W#${ws}`,
    SK: `VIEW#P#${withoutHash(userId)}#${viewId}`,
  }),
  sharedView: (ws: string, viewId: string): Key => ({ PK: `W#${ws}`, SK: `VIEW#S#${viewId}` }),
  /** The ids of a user's views. */
  viewIds: (ws: string, userId: string): Key => ({ PK: `W#${ws}`, SK: `VIEWS#${userId}` }),
  /** A workspace's list of flows; the flow's own item is apart, since it is written often. */
  flowEntry: (ws: string, flowId: string): Key => ({ PK: `W#${ws}`, SK: `FLOW#${flowId}` }),
  flow: (ws: string, flowId: string): Key => ({ PK: flowPartition(ws, flowId), SK: "FLOW" }),
  hold: (ws: string, flowId: string, incarnation: string, copy = 0): Key => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#H#${copy}`,
    SK: "HOLD",
  }),
  version: (ws: string, flowId: string, incarnation: string, version: number): Key => ({
    PK: flowPartition(ws, flowId),
    SK: `V#${incarnation}#${pad(version, 6)}`,
  }),
  /** Definition and compiled text of a version, compressed (more of a long one under `…#1`, `…#2`): apart, since a list of versions does not need them. */
  versionText: (
    ws: string,
    flowId: string,
    incarnation: string,
    version: number,
    part: "user" | "compiled",
  ): Key => ({
    PK: flowPartition(ws, flowId),
    SK: `T#${incarnation}#${pad(version, 6)}#${part}`,
  }),
  /** A flow's deletion under way, or whose last writer may not be gone: not among what is deleted. */
  flowDeletion: (ws: string, flowId: string, incarnation: string): Key => ({
    PK: `W#${ws}`,
    SK: `DELETION#${flowId}#${incarnation}`,
  }),
  /** A machine made for replays that start at a state. */
  replayMachine: (ws: string, flowId: string, incarnation: string, version: number, state: string): Key => ({
    PK: flowPartition(ws, flowId),
    SK: `M#${incarnation}#${pad(version, 6)}#${state}`,
  }),
  queue: (
    ws: string,
    flowId: string,
    incarnation: string,
    shard: number,
    time: string,
    runId: string,
  ): Key => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#Q#${shard}`,
    SK: `${time}#${runId}`,
  }),
  /** Counters of the queue, sharded since every queued record writes one. */
  counter: (ws: string, flowId: string, incarnation: string, shard: number): Key => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#C#${shard}`,
    SK: "COUNT",
  }),
  /** What a cap counts: `meter` is its name. */
  meter: (ws: string, flowId: string, incarnation: string, meter: string): Key => ({
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
  ): Key => ({
    PK: `${flowPartition(ws, flowId)}#${incarnation}#P#${shard}`,
    SK: `${runId}#${tokenHash}`,
  }),
  run: (ws: string, runId: string): Key => ({ PK: runPartition(ws, runId), SK: "RUN" }),
  payload: (ws: string, runId: string): Key => ({ PK: runPartition(ws, runId), SK: "IN" }),
  /** What an execution leaves to the one that goes on from it. */
  continuation: (ws: string, runId: string, from: number): Key => ({
    PK: runPartition(ws, runId),
    SK: `H#${pad(from, 9)}`,
  }),
  continuationVariable: (ws: string, runId: string, from: number, name: string): Key => ({
    PK: runPartition(ws, runId),
    SK: `H#${pad(from, 9)}#${name}`,
  }),
  output: (ws: string, runId: string): Key => ({ PK: runPartition(ws, runId), SK: "OUT" }),
  step: (ws: string, runId: string, stepId: string): Key => ({
    PK: runPartition(ws, runId),
    SK: `S#${stepId}`,
  }),
  runPark: (ws: string, runId: string, tokenHash: string): Key => ({
    PK: runPartition(ws, runId),
    SK: `P#${tokenHash}`,
  }),
  runAudit: (ws: string, runId: string, rev: number): Key => ({
    PK: runPartition(ws, runId),
    SK: `A#${pad(rev, 9)}`,
  }),
  bulk: (ws: string, bulkId: string): Key => ({ PK: bulkPartition(ws, bulkId), SK: "BULK" }),
  /** A workspace's list of bulk operations, by time. */
  bulkEntry: (ws: string, createdAt: string, bulkId: string): Key => ({
    PK: `W#${ws}`,
    SK: `BULK#${createdAt}#${bulkId}`,
  }),
  /** Runs of its snapshot, from a place on. */
  bulkChunk: (ws: string, bulkId: string, place: number): Key => ({
    PK: bulkPartition(ws, bulkId),
    SK: `C#${pad(place, 9)}`,
  }),
  /** What became of the runs from a place on. */
  bulkResults: (ws: string, bulkId: string, place: number): Key => ({
    PK: bulkPartition(ws, bulkId),
    SK: `R#${pad(place, 9)}`,
  }),
  flowAudit: (ws: string, flowId: string, incarnation: string, rev: number): Key => ({
    PK: flowPartition(ws, flowId),
    SK: `A#${incarnation}#${pad(rev, 9)}`,
  }),
} as const;

/** Partition keys of the indexes. */
export const indexKeys = {
  byFlow: (ws: string, flowId: string, shard: number) => `${flowPartition(ws, flowId)}#${shard}`,
  byStatus: (ws: string, status: string, shard: number) => `W#${ws}#S#${status}#${shard}`,
  due: (shard: number) => `DUE#${shard}`,
  /** What can wait, in the index of due things too: tombstones, by when their last writer is gone. */
  tombstones: (shard: number) => `TOMB#${shard}`,
  /** Runs that are over, by when they ended: a retention that changes makes others due and rewrites nothing. */
  ended: (ws: string, shard: number) => `W#${ws}#END#${shard}`,
  /** Every workspace, by when it was made. */
  workspaces: "WORKSPACES",
  attention: (ws: string, shard: number) => `W#${ws}#ATT#${shard}`,
  /** Steps that wait for a person. */
  inbox: (ws: string, shard: number) => `W#${ws}#INBOX#${shard}`,
  waiting: (ws: string, shard: number) => `W#${ws}#WAIT#${shard}`,
  /** Sort key of runs by a time of theirs: unique, and it survives the loss of the run as a cursor. */
  time: (at: string, runId: string) => `${at}#${runId}`,
} as const;
