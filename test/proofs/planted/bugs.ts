import type { PlantedBug } from "./bug.ts";
import { RACE_BUGS } from "./bugs-of-races.ts";

/** Mistakes in use cases. Each is in a line that protects against a concurrent change by another call. */
export const BUGS: Readonly<Record<string, PlantedBug>> = {
  "a list skips candidates that it has not read": {
    description:
      "The cursor of a filtered list names the last run that the index returned, not the last one that was checked.",
    edits: [
      {
        file: "shared/domain/runs/lists/walk-runs.ts",
        find: "return { found, next: one.position, examined };",
        replace: "return { found, next: at ?? one.position, examined };",
      },
    ],
    suite: { file: "test/proofs/lists/lists.test.ts", test: "listRuns" },
  },
  "a gate does not compare the breakpoint that it has read": {
    description: "A step begins although the breakpoint before it was acknowledged before its gate decided.",
    edits: [
      {
        file: "shared/store/runs/run-clauses.ts",
        find: '"attribute_not_exists(pauseBefore)" : "pauseBefore',
        replace: '"attempt = attempt" : "pauseBefore',
      },
    ],
    suite: { file: "test/proofs/conditions/conditions.test.ts", test: "a status change" },
  },
  "a retry of a counted step is a step of its own": {
    description: "A resume for one step pauses the run in the middle of that step's retries.",
    edits: [
      {
        file: "shared/domain/gates/breakpoint.ts",
        find: "  topLevel && currentStep?.stepId === stepId;",
        replace: "  topLevel && currentStep?.stepId === stepId && false;",
      },
    ],
    suite: { file: "shared/domain/gates/decide-gate.test.ts", test: "gate's decision" },
  },
  "the end of a hold lifts another hold": {
    description: "The write does not compare the hold's id, only the first read does.",
    edits: [
      {
        file: "shared/domain/holds/scheduled-resume.ts",
        find: "(holdOf(current, holdId) === undefined ? [] : [holdId])",
        replace: "standingHolds(current).flatMap((one) => (one.kind === kind ? [one.id] : []))",
      },
    ],
    suite: { file: "shared/domain/holds/hold-flow.test.ts", test: "the end of a hold" },
  },
  "a flow's write does not compare its revision": {
    description: "A change of a flow overwrites another one that came between its read and its write.",
    edits: [
      {
        file: "shared/store/flows/flows.ts",
        find: 'text: "rev = :was AND incarnation',
        replace: 'text: "rev >= :was AND incarnation',
      },
    ],
    suite: { file: "test/proofs/between/between.test.ts", test: "write of resumeFlow" },
  },
  "a hold item is read without consistency": {
    description: "A gate passes although the pause of its flow has been acknowledged.",
    edits: [
      {
        file: "shared/store/table.ts",
        find: `Key: key,
        ConsistentRead: true,`,
        replace: "Key: key,",
      },
    ],
    suite: { file: "test/proofs/hard-engine/hard-engine.test.ts", test: "stale reads" },
  },
  "a part of a batch is not read again": {
    description: "Keys that DynamoDB left unprocessed count as absent.",
    edits: [
      {
        file: "shared/store/batches.ts",
        find: "open = [...unprocessed, ...open.slice(MAX_BATCH_GET)];",
        replace: "open = open.slice(MAX_BATCH_GET);",
      },
    ],
    suite: { file: "test/proofs/hard-engine/hard-engine.test.ts", test: "unprocessed keys" },
  },
  "an intent is cleared without its id": {
    description: "A slow resume clears the intent of a later one.",
    edits: [
      {
        file: "shared/store/runs/runs.ts",
        find: "current?.intent?.id === id && tries",
        replace: "current?.intent !== undefined && tries",
      },
      {
        file: "shared/store/runs/runs.ts",
        find: "change(current), hasIntent(id));",
        replace: "change(current));",
      },
    ],
    suite: { file: "test/proofs/races/park-and-wake.test.ts", test: "race 26" },
  },
  "an early event does not make a later one": {
    description: "A hold whose schedule fires early ends only by the sweeper.",
    edits: [
      {
        file: "shared/domain/holds/scheduled-resume.ts",
        find: "await deps.schedules.createEnd({ ...event, tries: event.tries + 1 }, end);\n",
        replace: "\n",
      },
    ],
    suite: { file: "shared/domain/holds/hold-flow.test.ts", test: "race 21" },
  },
  "a drain continues in a later epoch": {
    description: "A flow that is held again continues to start the current batch.",
    edits: [
      {
        file: "shared/domain/holds/drain-batch.ts",
        find: "if (flow === undefined) return false;",
        replace: "if (flow === undefined) return true;",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "a drain" },
  },
  "a drain of another epoch begins a batch": {
    description: "The execution of an earlier or later epoch drains too.",
    edits: [
      {
        file: "shared/domain/holds/drain-batch.ts",
        find: "epoch === state.epoch && flow.epoch === epoch && attempt === state.attempt",
        replace: "flow.epoch === epoch && attempt === state.attempt",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "a drain" },
  },
  "If-Match counts only at the first attempt": {
    description: "A control request whose write is repeated does not look at the revision again.",
    edits: [
      {
        file: "shared/domain/runs/apply-action.ts",
        find: "if (!asSeen || !sameIntent",
        replace: "if ((!asSeen && false) || !sameIntent",
      },
    ],
    suite: { file: "shared/domain/runs/apply-action.test.ts" },
  },
  "an answer to a step that has ended": {
    description: "The write of an answer does not require that the step is open.",
    edits: [
      {
        file: "shared/store/runs/steps.ts",
        find: `{ text: "attribute_not_exists(human.answer)" },
          { text: "attribute_not_exists(#end)", names: { "#end": "end" } },`,
        replace: `{ text: "attribute_not_exists(human.answer)" },`,
      },
    ],
    suite: { file: "test/integration/engine/answers.test.ts" },
  },
  "the console changes a flow without If-Match": {
    description: "The console overwrites a change that someone else made after the page was loaded.",
    edits: [
      {
        file: "console/src/api/flows.ts",
        find: "send(change, { workspace, flowId, ifMatch: rev }),",
        replace: `send(change, { workspace, flowId, ifMatch: (rev < 0 ? rev : "any") as number }),`,
      },
    ],
    suite: { file: "test/browser/pause-flow.test.ts", test: "has changed since" },
  },
  "the client forgets If-Match": {
    description: "No change says which revision it is for.",
    edits: [
      {
        file: "shared/client/client.ts",
        find: "...ifMatchOf(id, ifMatch),",
        replace: "...(ifMatch === undefined ? ifMatchOf(id, ifMatch) : {}),",
      },
    ],
    suite: { file: "shared/client/client.test.ts", test: "a call" },
  },
  "the first of several revs counts": {
    description: "A list of revs in If-Match is read as its first.",
    edits: [
      {
        file: "functions/middleware/http-input.ts",
        find: `|(\\d{1,15}))\\s*$/.exec(text)`,
        replace: `|(\\d{1,15}))/.exec(text)`,
      },
    ],
    suite: { file: "test/integration/api/holds.test.ts", test: "refuse If-Match" },
  },
  "an allowed resource opens all that begin with it": {
    description: "The pattern is not anchored at its end.",
    edits: [
      {
        file: "shared/asl/policy/policy.ts",
        find: `.join(".*")}$\`, "s");`,
        replace: `.join(".*")}\`, "s");`,
      },
    ],
    suite: { file: "shared/asl/policy/policy.test.ts", test: "an allowed resource" },
  },
  "an allowed resource opens all that end with it": {
    description: "The pattern is not anchored at its beginning.",
    edits: [
      { file: "shared/asl/policy/policy.ts", find: "new RegExp(`^${text", replace: "new RegExp(`${text" },
    ],
    suite: { file: "shared/asl/policy/policy.test.ts", test: "an allowed resource" },
  },
  "a resume that ends in a hold exits with 0": {
    description: "`sluice flows resume --watch` reports success although the flow is held again.",
    edits: [
      {
        file: "cli/follow/drain.ts",
        find: `flow.status === "active" ? EXIT.ok : EXIT.endedBadly`,
        replace: "EXIT.ok",
      },
    ],
    suite: { file: "cli/commands.test.ts", test: "follows to the end" },
  },
  "a bulk operation with failures exits with 0": {
    description: "`sluice bulk` reports success although the action failed for some runs.",
    edits: [
      {
        file: "cli/follow/bulk.ts",
        find: `bulk.status === "completed" && bulk.failed === 0 ?`,
        replace: `bulk.status === "completed" ?`,
      },
    ],
    suite: { file: "cli/commands.test.ts", test: "follows to the end" },
  },
  "a run's write does not compare its revision": {
    description: "A change of a run overwrites another one that came between its read and its write.",
    edits: [
      {
        file: "shared/store/runs/run-clauses.ts",
        find: "text: `rev = :rev AND",
        replace: "text: `rev >= :rev AND",
      },
    ],
    suite: { file: "test/proofs/conditions/conditions.test.ts", test: "a change of attributes" },
  },
  "a paused run that was resumed and paused again is the same": {
    description: "The same mistake, as a user of pause and resume meets it.",
    edits: [
      {
        file: "shared/store/runs/run-clauses.ts",
        find: "text: `rev = :rev AND",
        replace: "text: `rev >= :rev AND",
      },
    ],
    suite: { file: "test/proofs/between/between.test.ts", test: "write of cancelRun" },
  },
  "a run that was resumed still counts as a failure": {
    description: "The groups of failures count runs that have been mended.",
    edits: [
      {
        file: "shared/store/runs/index-attributes.ts",
        find: "if (failure === undefined || !stands || run.deleted === true) return undefined;",
        replace: "if (failure === undefined || (!stands && false) || run.deleted === true) return undefined;",
      },
      {
        file: "shared/domain/runs/cancel-run.ts",
        find: 'remove: [...remove, "failure"]',
        replace: "remove",
      },
    ],
    suite: { file: "shared/domain/runs/failures/list-failures.test.ts", test: "count runs until" },
  },
  "a run of an attached flow does not go to its place": {
    description: "Its next execution begins at the flow's start, and repeats steps.",
    edits: [
      {
        file: "shared/domain/gates/decide-gate.ts",
        find: "  if (arriving !== undefined) return arriving;\n",
        replace: "",
      },
    ],
    suite: { file: "test/acceptance/attached/attached-repair.test.ts", test: "continues elsewhere" },
  },
  "a run of an attached flow continues on a definition that was deployed meanwhile": {
    description: "Nobody has checked whether the place is there.",
    edits: [
      {
        file: "shared/domain/gates/take-up.ts",
        find: "attached.version === run.version",
        replace: "attached.version > 0",
      },
    ],
    suite: { file: "test/proofs/races/attached.test.ts", test: "on its way to its place" },
  },
  ...RACE_BUGS,
};
