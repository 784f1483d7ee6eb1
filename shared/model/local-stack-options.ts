/** An option that takes a value. */
export interface LocalStackOption {
  /** The placeholder of its value in the usage. */
  readonly value: string;
  readonly default?: string;
  readonly meaning: string;
}

/** The command line options of the local stack, for its own program and for `sluice start`. */
export const LOCAL_STACK_OPTIONS = {
  port: { value: "port", default: "4500", meaning: "port on 127.0.0.1; 0 takes a free one" },
  data: {
    value: "folder",
    default: ".sluice",
    meaning: "folder that keeps everything between two starts; :memory: keeps nothing",
  },
  functions: {
    value: "folder",
    meaning: "folder of the Lambda functions that flows call: <name>.ts or .mjs",
  },
  flows: { value: "folder", meaning: "folder of flows to publish: <flowId>.asl.json or .asl.yaml" },
  stubs: { value: "folder", meaning: "folder of answers of other services: <service>.<action>.mjs or .json" },
  workspace: { value: "name", default: "demo", meaning: "workspace to create" },
  allow: {
    value: "list",
    default: "*",
    meaning: "what flows may use besides functions: names of sets and ARNs, separated by commas",
  },
  attachable: {
    value: "patterns",
    meaning: "names of the state machines that may be attached, separated by commas; without it, all",
  },
} as const satisfies Readonly<Record<string, LocalStackOption>>;
