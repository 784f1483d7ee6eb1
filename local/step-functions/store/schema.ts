/**
 * The tables. Inputs and outputs of executions have their own table, because executions are read far more often.
 * A row of `event_chunks` holds many events, in commit order, so that a commit writes few pages for any number of executions.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS definitions (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS machines (
  arn TEXT PRIMARY KEY, name TEXT NOT NULL, definition INTEGER NOT NULL, role TEXT NOT NULL, type TEXT NOT NULL,
  status TEXT NOT NULL, created REAL NOT NULL, updated REAL, revision TEXT, next_version INTEGER NOT NULL DEFAULT 1,
  settings TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS versions (
  machine TEXT NOT NULL, number INTEGER NOT NULL, definition INTEGER NOT NULL, role TEXT NOT NULL, description TEXT,
  revision TEXT, created REAL NOT NULL, PRIMARY KEY (machine, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS aliases (
  machine TEXT NOT NULL, name TEXT NOT NULL, description TEXT, routes TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
  PRIMARY KEY (machine, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, machine TEXT NOT NULL, version INTEGER, name TEXT NOT NULL,
  definition INTEGER NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL, error TEXT, cause TEXT, started REAL NOT NULL, stopped REAL, deadline REAL,
  redrives INTEGER NOT NULL DEFAULT 0, redriven REAL);
CREATE TABLE IF NOT EXISTS execution_data (execution INTEGER PRIMARY KEY, input TEXT NOT NULL, output TEXT);
CREATE INDEX IF NOT EXISTS executions_by_machine ON executions (machine, id);
CREATE INDEX IF NOT EXISTS executions_due ON executions (deadline) WHERE deadline IS NOT NULL;
CREATE TABLE IF NOT EXISTS event_chunks (
  number INTEGER PRIMARY KEY, execution INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, events TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_chunks_by_execution ON event_chunks (execution, first);
CREATE TABLE IF NOT EXISTS frames (
  id INTEGER PRIMARY KEY AUTOINCREMENT, execution INTEGER NOT NULL, parent INTEGER, position INTEGER NOT NULL,
  phase TEXT NOT NULL, epoch INTEGER NOT NULL DEFAULT 0, wake_at REAL, state TEXT NOT NULL, entered REAL NOT NULL,
  entered_event INTEGER NOT NULL, last_event INTEGER NOT NULL, silent INTEGER NOT NULL, control TEXT NOT NULL,
  input TEXT NOT NULL, variables TEXT NOT NULL, outcome TEXT, item TEXT,
  total INTEGER NOT NULL DEFAULT 0, begun INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS frames_by_execution ON frames (execution);
CREATE INDEX IF NOT EXISTS frames_by_parent ON frames (parent, position) WHERE parent IS NOT NULL;
CREATE INDEX IF NOT EXISTS frames_due ON frames (wake_at) WHERE wake_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, execution INTEGER NOT NULL, frame INTEGER, open INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_by_frame ON tokens (frame) WHERE open = 1;
CREATE INDEX IF NOT EXISTS tokens_by_execution ON tokens (execution) WHERE open = 1;
CREATE TABLE IF NOT EXISTS awaited (
  arn TEXT NOT NULL, execution INTEGER NOT NULL, frame INTEGER NOT NULL, PRIMARY KEY (arn, frame)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS awaited_by_execution ON awaited (execution);
CREATE TABLE IF NOT EXISTS map_runs (
  arn TEXT PRIMARY KEY, parent TEXT NOT NULL, execution INTEGER NOT NULL, frame INTEGER NOT NULL, concurrency INTEGER NOT NULL,
  tolerated INTEGER NOT NULL, started REAL NOT NULL, status TEXT NOT NULL, stopped REAL, counts TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS map_runs_by_parent ON map_runs (parent);
CREATE INDEX IF NOT EXISTS map_runs_by_execution ON map_runs (execution);
CREATE TABLE IF NOT EXISTS activities (arn TEXT PRIMARY KEY, name TEXT NOT NULL, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activity_tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, activity TEXT NOT NULL, frame INTEGER NOT NULL, token TEXT NOT NULL, input TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS activity_tasks_by_activity ON activity_tasks (activity, id);
CREATE INDEX IF NOT EXISTS activity_tasks_by_frame ON activity_tasks (frame);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
`;

/** Migrates a data folder with the earlier table `events`, which had one row for each event. */
export const MIGRATE_EVENTS = `
INSERT INTO event_chunks (execution, first, last, events)
  SELECT execution, id, id, json_array(json_array(id, at, type, previous, json(details))) FROM events ORDER BY execution, id;
DROP TABLE events;
`;
