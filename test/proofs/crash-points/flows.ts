import type { JsonObject } from "../../../shared/model/json/json.ts";
import { chain, task } from "../../harness/definitions.ts";

/** A flow of the scenarios: its definition, the functions that a record calls, and the check of its output. */
export interface Shape {
  readonly definition: JsonObject;
  readonly calls: readonly string[];
  /** The number of calls of each function; 1 by default. */
  readonly times?: number;
  /** Checks a completed run's output, given the record's id. */
  readonly isRight: (output: unknown, id: string) => boolean;
  readonly onFailure?: "pause";
}

/** Users' functions, which mark their input. `bad` fails. */
export const FUNCTIONS = ["one", "two", "bad"];

const marked =
  (...names: string[]) =>
  (output: unknown, id: string): boolean => {
    const given = output as Record<string, unknown> | undefined;
    return given?.["id"] === id && names.every((name) => given[name] === 1);
  };
const wait = (seconds: number): JsonObject => ({ Type: "Wait", Seconds: seconds });
const human = (kind: "approval" | "form", more: JsonObject): JsonObject => ({
  ...{ Type: "Task", Resource: `arn:sluice:::${kind}`, ResultPath: "$.answer", Parameters: more },
});
/** A Parallel that waits: a run inside it is `running`, not `waiting`. */
const busy = (seconds: number): JsonObject => ({
  Type: "Parallel",
  Branches: [chain({ Still: wait(seconds) })],
  ResultPath: null,
});

/** A rule that no record matches. */
const NEVER = { Variable: "$.nothing", IsPresent: true, Next: "Over" };

export const SHAPES = {
  line: {
    definition: chain({ one: task("one"), two: task("two") }),
    calls: ["one", "two"],
    isRight: marked("one", "two"),
  },
  /** Runs for half an hour, then passes two gates at the top level. */
  busy: {
    definition: chain({ Busy: busy(1_800), one: task("one"), two: task("two") }),
    calls: ["one", "two"],
    isRight: marked("one", "two"),
  },
  /** The same, with a variable that its last steps need. */
  busyWithVariable: {
    definition: chain({
      Keep: { Type: "Pass", Assign: { "kept.$": "$.id" } },
      Busy: busy(1_800),
      one: task("one", { Parameters: { "id.$": "$kept" } }),
      two: task("two"),
    }),
    calls: ["one", "two"],
    isRight: marked("one", "two"),
  },
  /** Two branches that reach their gates one after the other. */
  branches: {
    definition: chain({
      Fan: {
        Type: "Parallel",
        Branches: [
          chain({ First: wait(1_800), one: task("one") }),
          chain({ Second: wait(2_100), two: task("two") }),
        ],
      },
    }),
    calls: ["one", "two"],
    isRight: (output, id) =>
      Array.isArray(output) && marked("one")(output[0], id) && marked("two")(output[1], id),
  },
  /** A child of a Distributed Map that waits, and then reaches its gates. */
  children: {
    definition: chain({
      List: { Type: "Pass", Parameters: { "items.$": "States.Array($)" } },
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          ...chain({ Still: wait(1_800), one: task("one"), two: task("two") }),
        },
      },
    }),
    calls: ["one", "two"],
    isRight: (output, id) => Array.isArray(output) && marked("one", "two")(output[0], id),
  },
  /** Waits at the top level for three hours. */
  waits: {
    definition: chain({ one: task("one"), Hours: wait(10_800), two: task("two") }),
    calls: ["one", "two"],
    isRight: marked("one", "two"),
  },
  approval: {
    definition: chain({ ask: human("approval", { Title: "Well?" }), two: task("two") }),
    calls: ["two"],
    isRight: marked("two"),
  },
  form: {
    definition: chain({ ask: human("form", { Title: "Well?", Form: { type: "object" } }), two: task("two") }),
    calls: ["two"],
    isRight: marked("two"),
  },
  fails: {
    definition: chain({ one: task("one"), bad: task("bad") }),
    calls: ["one", "bad"],
    isRight: () => false,
  },
  /** Stands by an error at its second step. */
  halts: {
    definition: chain({ one: task("one"), bad: task("bad") }),
    calls: ["one", "bad"],
    times: 2,
    isRight: () => false,
    onFailure: "pause",
  },
  /** Stands by an error that no gate sees. */
  haltsUnseen: {
    definition: {
      StartAt: "one",
      States: {
        one: task("one", { Next: "Which" }),
        Which: { Type: "Choice", Choices: [NEVER] },
        Over: { Type: "Succeed" },
      },
    },
    calls: ["one"],
    isRight: marked("one"),
    onFailure: "pause",
  },
  /** Reaches its deadline during a wait. */
  late: {
    definition: {
      ...chain({ one: task("one"), Long: wait(86_400), two: task("two") }),
      TimeoutSeconds: 7_200,
    },
    calls: ["one", "two"],
    isRight: () => false,
  },
  /** Past its deadline when its wait ends. */
  tooLate: {
    definition: { ...chain({ Long: wait(7_300), two: task("two") }), TimeoutSeconds: 7_200 },
    calls: ["two"],
    isRight: () => false,
  },
  /** Continues as new, with a variable, when the history budget is at its lowest. */
  loops: {
    definition: {
      StartAt: "one",
      States: {
        one: task("one", { Next: "Enough", Assign: { "kept.$": "$.id" } }),
        Enough: {
          Type: "Choice",
          Choices: [{ Variable: "$.one", NumericLessThan: 4, Next: "one" }],
          Default: "Last",
        },
        Last: { Type: "Pass", Parameters: { "id.$": "$kept", "one.$": "$.one" }, End: true },
      },
    },
    calls: ["one"],
    times: 4,
    isRight: (output, id) => {
      const { id: kept, one } = (output ?? {}) as { id?: string; one?: number };
      return kept === id && one === 4;
    },
  },
  costs: {
    definition: chain({
      one: { ...task("one"), Sluice: { Cost: 5 } },
      two: { ...task("two"), Sluice: { Cost: 5 } },
    }),
    calls: ["one", "two"],
    isRight: marked("one", "two"),
  },
} as const satisfies Record<string, Shape>;
