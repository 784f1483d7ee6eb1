/**
 * The rooms of each folder, lowest first: a room imports only itself and the rooms before it. "" is the folder's own files.
 * test/architecture plants a violation of every forbidden direction.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "shared/model": ["json", "time", "", "holds", "machines", "schemas", "api"],
  "shared/asl": ["parse", "source", "checks", "payload", "policy", "gates", "history", "states", ""],
  "shared/store": ["", "flows", "slots", "runs", "bulk", "workspace", "stream"],
  functions: [
    ...["telemetry", "dependencies", "middleware", "inline", "api", "tasks", "schedules", "events"],
    "",
  ],
  "shared/domain": [
    ...[
      "",
      "workspace",
      "events",
      "steps",
      "runs",
      "slots",
      "flows",
      "holds",
      "incidents",
      "attach",
      "dispatch",
      "triggers",
    ],
    ...["repair", "gates", "people", "bulk", "sweep"],
  ],
  local: [
    ...["ports", "storage", "clock", "metering", "aws", "identity", "iam", "lambda", "dynamodb", "events"],
    ...[
      "integrations",
      "sources",
      "scheduler",
      "step-functions",
      "gateway",
      "asl-cases",
      "stack",
      "sluice",
      "",
    ],
  ],
  "local/step-functions": [
    ...["language", "model", "store", "definition", "interpreter", "states", "runner", "api", ""],
  ],
  "local/step-functions/language": ["limits", "values", "jsonpath", "intrinsics", "jsonata", ""],
};
