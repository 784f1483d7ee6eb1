/** An option that takes a value. */
export interface LocalStackOption {
  /** The placeholder of its value in the usage. */
  readonly value: string;
  readonly default?: string;
  readonly meaning: string;
}

/** The command line options of the local stack, for its own program and for `sluice start`. */
export const LOCAL_STACK_OPTIONS = {
  port: { value: "port", default: "4500", meaning: "port on 127.0.0.1; 0 chooses a free one" },
  data: {
    value: "folder",
    default: ".sluice",
    meaning: "folder that keeps all data between starts; :memory: keeps nothing",
  },
  functions: {
    value: "folder",
    meaning: "folder with the Lambda functions that flows call: <name>.ts or .mjs",
  },
  flows: { value: "folder", meaning: "folder with flows to publish: <flowId>.asl.json or .asl.yaml" },
  stubs: {
    value: "folder",
    meaning: "folder with answers of other services: <service>.<action>.mjs or .json",
  },
  workspace: { value: "name", default: "demo", meaning: "workspace to create" },
  allow: {
    value: "list",
    default: "*",
    meaning: "sets and ARNs that flows may use in addition to functions, separated by commas",
  },
  attachable: {
    value: "patterns",
    meaning: "names of the state machines that may be attached, separated by commas; all by default",
  },
} as const satisfies Readonly<Record<string, LocalStackOption>>;
