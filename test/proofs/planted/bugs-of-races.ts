import type { PlantedBug } from "./bug.ts";

/** A mistake for each race of docs/internals/races.md that has none among the others, in the line that the race is about. */
export const RACE_BUGS: Readonly<Record<string, PlantedBug>> = {
  "race 1: a park does not look again": {
    description: "A token that was stored after a resume had looked for parks is never sent.",
    edits: [
      {
        file: "shared/domain/gates/park-gate.ts",
        find: "!holds(after.run, after.kept, park)) {",
        replace: "(!holds(after.run, after.kept, park) && false)) {",
      },
    ],
    suite: { file: "test/proofs/races/park-and-wake.test.ts", test: "race 01" },
  },
  "race 2: an intent is cleared before it is performed": {
    description: "A resume that dies half-way leaves tokens that nobody sends.",
    edits: [
      {
        file: "shared/domain/runs/perform-intent.ts",
        find: 'if (intent.kinds.includes("wake")) await wakeRun(deps, run);',
        replace: `await deps.runs.clearIntent(run, intent.id);
    if (intent.kinds.includes("wake")) await wakeRun(deps, run);`,
      },
    ],
    suite: { file: "test/integration/engine/branches.test.ts", test: "race 02" },
  },
  "race 3: a gate does not look at the status in its write": {
    description: "A step starts after the pause of its run was acknowledged.",
    edits: [
      {
        file: "shared/store/runs/runs.ts",
        find: `          inStatus("running"),
`,
        replace: "",
      },
    ],
    suite: { file: "test/proofs/races/park-and-wake.test.ts", test: "race 03" },
  },
  "race 4: a gate that has passed is decided again": {
    description: "A copy of a gate that is delivered late parks on a token that is spent.",
    edits: [
      {
        file: "shared/domain/gates/decide-gate.ts",
        find: "return (gate.retry ?? 0) <= (currentStep.retry ?? 0);",
        replace: "return (gate.retry ?? 0) < (currentStep.retry ?? 0);",
      },
    ],
    suite: { file: "shared/domain/gates/decide-gate.test.ts" },
  },
  "race 5: a token that is spent counts as a failure": {
    description: "A resume whose answer was lost can never be completed.",
    edits: [
      {
        file: "shared/outbound/sfn-executions.ts",
        find: "if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) {",
        replace: "if (error instanceof InvalidToken) {",
      },
    ],
    suite: { file: "test/integration/engine/branches.test.ts", test: "race 05" },
  },
  "race 6: a hold that has ended ends once more": {
    description: "The end of a hold that is delivered twice writes two audit entries.",
    edits: [
      {
        file: "shared/domain/holds/lift-hold.ts",
        find: `    if (ids.length === 0) return undefined;
`,
        replace: "",
      },
    ],
    suite: { file: "shared/domain/holds/hold-flow.test.ts", test: "race 06" },
  },
  "race 7: the loser of two pauses deletes the schedule of the winner": {
    description: "The pause that was made never ends by its schedule.",
    edits: [
      {
        file: "shared/domain/holds/add-hold.ts",
        find: `    } catch (error) {
      if (!stands) await dropSchedules(deps, asked, hold.id);`,
        replace: `    } catch (error) {
      await dropSchedules(deps, asked, was?.holds[kind]?.id ?? hold.id);`,
      },
    ],
    suite: { file: "test/acceptance/flows/hold-identity.test.ts", test: "race 07" },
  },
  "race 8: the schedule comes after the hold": {
    description: "A pause that dies in between has no warning and no end of its own.",
    edits: [
      {
        file: "shared/domain/holds/add-hold.ts",
        find: `  await createSchedules(deps, event, Date.parse(hold.resumeAt), added.isShared);
`,
        replace: "",
      },
      {
        file: "shared/domain/holds/add-hold.ts",
        find: 'return (await deps.flows.change(was, next, ...entries)) ? next : "conflict";',
        replace: `const isWritten = await deps.flows.change(was, next, ...entries);
      if (isWritten) await createSchedules(deps, event, Date.parse(hold.resumeAt), added.isShared);
      return isWritten ? next : "conflict";`,
      },
    ],
    suite: { file: "test/proofs/races/ends-and-holds.test.ts", test: "race 08" },
  },
  "race 9: an execution that exists is an error": {
    description: "A start whose answer was lost is repeated forever.",
    edits: [
      {
        file: "shared/outbound/sfn-executions.ts",
        find: `      if (error instanceof ExecutionAlreadyExists) return "exists";
`,
        replace: "",
      },
    ],
    suite: { file: "test/integration/engine/ends.test.ts", test: "race 09" },
  },
  "race 10: the intent of a run that was cancelled stays": {
    description: "The sweeper performs it forever.",
    edits: [
      {
        file: "shared/domain/runs/perform-intent.ts",
        find: "  await deps.runs.clearIntent(released, intent.id);",
        replace: "  if (!isTerminal(run.status)) await deps.runs.clearIntent(released, intent.id);",
      },
    ],
    suite: { file: "test/acceptance/runs/cancel.test.ts", test: "race 10" },
  },
  "race 11: an execution that was stopped outside is still in progress": {
    description: "Its run stays running forever.",
    edits: [
      {
        file: "shared/domain/runs/close-run.ts",
        find: 'if (state.status === "RUNNING" ||',
        replace: 'if (state.status === "ABORTED" || state.status === "RUNNING" ||',
      },
    ],
    suite: { file: "test/integration/engine/ends.test.ts", test: "race 11" },
  },
  "race 12: the time paused counts": {
    description: "A resume does not postpone the deadline.",
    edits: [
      {
        file: "shared/domain/runs/status-change.ts",
        find: "const paused = Math.max(now - Date.parse(record.pausedBy.at), 0);",
        replace: "const paused = 0;",
      },
    ],
    suite: { file: "test/acceptance/runs/deadline.test.ts", test: "race 12" },
  },
  "race 13: a gate does not count against the history budget": {
    description: "A loop runs into the limit of 25,000 events.",
    edits: [
      {
        file: "shared/store/runs/runs.ts",
        find: "add: { [budget]: -growth }",
        replace: "add: { [budget]: growth - growth }",
      },
    ],
    suite: { file: "shared/store/runs/runs.test.ts" },
  },
  "race 14: a cancel that comes too late is told something else": {
    description: "It is told that the run has changed, not that it is over.",
    edits: [
      {
        file: "shared/domain/runs/apply-action.ts",
        find: `      refuseTerminal(current);
`,
        replace: "",
      },
    ],
    suite: { file: "test/proofs/races/ends-and-holds.test.ts", test: "race 14" },
  },
  "race 15: a cancel leaves the parks": {
    description: "Nobody deletes the tokens of a run that was cancelled.",
    edits: [
      {
        file: "shared/domain/runs/perform-intent.ts",
        find: `    await dropParks(deps, run);
`,
        replace: "",
      },
    ],
    suite: { file: "test/proofs/races/ends-and-holds.test.ts", test: "race 15" },
  },
  "race 17: a flow inherits the queue of an earlier flow of its id": {
    description: "The records of a flow that was deleted start in the one that was created since.",
    edits: [
      {
        file: "shared/store/keys.ts",
        find: "#${incarnation}#Q#${shard}`",
        replace: "#Q#${incarnation === undefined ? 0 : shard}`",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "race 17" },
  },
  "race 18: a resume lifts a pause that the flow made": {
    description: "A run goes on while its flow is held.",
    edits: [
      {
        file: "shared/domain/runs/apply-action.ts",
        find: `  if (action === "resume" && record.pausedBy?.kind === "flow") throw runHeldByFlow(record);
`,
        replace: "",
      },
    ],
    suite: { file: "test/proofs/races/ends-and-holds.test.ts", test: "race 18" },
  },
  "race 19: the tokens of one visit share a park": {
    description: "The token of an attempt that died replaces the one that counts, or is replaced by it.",
    edits: [
      {
        file: "shared/store/runs/parks.ts",
        find: "const hash = digest(park.token);",
        replace: "const hash = digest(run.runId);",
      },
    ],
    suite: { file: "test/proofs/races/park-and-wake.test.ts", test: "race 19" },
  },
  "race 20: a record that somebody took off the queue is his alone": {
    description: "Where he died before the start, only the sweeper starts it.",
    edits: [
      {
        file: "shared/domain/runs/queued-run.ts",
        find: "written.ok ? written.run : unfinished(written.current);",
        replace: "written.ok ? written.run : unfinished(undefined);",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "race 20" },
  },
  "race 22: a gate gives up": {
    description: "After three failures of Sluice, the handlers of the flow get its error.",
    edits: [{ file: "shared/asl/gates/handlers.ts", find: "MaxAttempts: 9999,", replace: "MaxAttempts: 3," }],
    suite: { file: "test/integration/engine/compiled-flows.test.ts", test: "race 22" },
  },
  "race 23: a payload is measured in characters": {
    description: "One of 256 KiB in several bytes each is accepted, and no execution takes it.",
    edits: [
      {
        file: "shared/domain/dispatch/dispatch-run.ts",
        find: "const bytes = Buffer.byteLength(text);",
        replace: "const bytes = text.length;",
      },
    ],
    suite: { file: "test/acceptance/runs/sizes.test.ts", test: "one byte more" },
  },
  "race 24: a page begins with the last run of the one before": {
    description: "The position of a cursor is included.",
    edits: [
      {
        file: "shared/store/runs/run-index.ts",
        find: "run.position > after && run.position < before",
        replace: "run.position > after && run.position <= before",
      },
    ],
    suite: { file: "shared/domain/runs/lists/list-runs.test.ts", test: "race 24" },
  },
  "race 25: a key is good for any body": {
    description: "Another body with a used idempotency key gets the answer of the first.",
    edits: [
      {
        file: "shared/domain/dispatch/dispatch-run.ts",
        find: `  if (record.bodyHash !== bodyHash) throw idempotencyKeyReused();
`,
        replace: "",
      },
    ],
    suite: { file: "test/integration/api/dispatch.test.ts", test: "idempotency" },
  },
  "race 27: a drain ends with the first empty look": {
    description: "A dispatcher that read the hold before its lift leaves a record that nobody starts.",
    edits: [
      {
        file: "shared/domain/holds/drain-batch.ts",
        find: "if (begun < settled) return next(deps, batch, settled);",
        replace: "",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "race 27" },
  },
  "race 36: the end of a run keeps its slot to itself": {
    description: "Whoever waits for the slot waits until another record arrives.",
    edits: [
      {
        file: "shared/domain/slots/release-slot.ts",
        find: "  await passOnSlots(deps, run, slot.key, { known });",
        replace: "  void known;",
      },
    ],
    suite: { file: "shared/domain/slots/slots.test.ts", test: "hands the slot on" },
  },
  "race 43: a claim without a run stays": {
    description: "After some deaths, no slot is left.",
    edits: [
      {
        file: "shared/domain/sweep/sweep-slots.ts",
        find: "    if (keepsSlot(run, id) || !(await",
        replace: "    if (run === undefined || keepsSlot(run, id) || !(await",
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "race 43" },
  },
  "race 43: a record that begins to wait does not look again": {
    description: "It waits beside the slot that came free as it queued.",
    edits: [
      {
        file: "shared/domain/slots/pass-on-slot.ts",
        find: "  await passOnSlots(deps, flow, key.id, { known: slots });",
        replace: "",
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "race 43" },
  },
  "race 43: an end clears any mark of an empty queue": {
    description: "A record that began to wait as the end looked is overtaken by those that come later.",
    edits: [
      {
        file: "shared/store/slots/slots.ts",
        find: "when: [waitsAs(waiting)]",
        replace: 'when: waiting === "" ? [waitsAs(waiting)] : [EXISTS]',
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "race 43: does not forget" },
  },
  "race 36: a slot of an earlier key is released by the run's name": {
    description:
      "A run whose limit's key is changed and changed back loses its slot, and one run too many starts.",
    edits: [
      {
        file: "shared/domain/slots/count-open-runs.ts",
        find: '(await deps.slots.reclaim(run, slot?.key ?? "", runId, since));',
        replace:
          '(await deps.slots.release(run, slot?.key ?? "", runId, slotsDueAfter(now + since))) !== undefined;',
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "changed back at once" },
  },
  "race 36: what an ended run gives back goes to nobody": {
    description: "A record that was refused because of the claim waits until the sweeper looks.",
    edits: [
      {
        file: "shared/domain/slots/pass-on-slot.ts",
        find: '  if (turn === "ended") await passOnSlots(deps, run, leaving.slot);\n',
        replace: "",
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "was refused because of it" },
  },
  "race 44: a full key stands before the others": {
    description: "The drain does not move its record to the queue of the key, and starts nothing behind it.",
    edits: [
      {
        file: "shared/domain/slots/pass-on-slot.ts",
        find: "  return waitForKey(deps, flow, admission, key);",
        replace: '  throw new Error("The key is full");',
      },
    ],
    suite: { file: "shared/domain/slots/slot-races.test.ts", test: "race 44" },
  },
  "race 28: a park for a user's pause stays when the user does not pause the run": {
    description: "A gate that read the flow's hold before its lift, and parks after it, waits forever.",
    edits: [
      {
        file: "shared/domain/gates/park-gate.ts",
        find: `return run.status === "paused" && run.pausedBy?.kind === "user";`,
        replace: `return run.status === "paused";`,
      },
    ],
    suite: { file: "test/proofs/races/park-and-wake.test.ts", test: "race 28" },
  },
  "race 41: a drain wakes what a hold on steps keeps": {
    description: "Each of them asks its gate again and parks again, in vain.",
    edits: [
      {
        file: "shared/domain/holds/drain-batch.ts",
        find: "if (!(await isFree(deps, flow, park))) continue;",
        replace: "await isFree(deps, flow, park);",
      },
    ],
    suite: { file: "shared/domain/holds/steps/hold-steps.test.ts", test: "race 41" },
  },
  "race 42: a branch stands at a held step only while its run is paused": {
    description: "Its run is not paused, so it is woken and parks forever.",
    edits: [
      {
        file: "shared/domain/gates/park-gate.ts",
        find: `(run.status === "paused" || (kept.partly && park.path !== ""))`,
        replace: `run.status === "paused"`,
      },
    ],
    suite: { file: "shared/domain/holds/steps/hold-steps.test.ts", test: "race 42" },
  },
  "race 29: a drain starts again under its own name": {
    description: "Step Functions does not give a name twice, so it never goes on.",
    edits: [
      {
        file: "shared/domain/sweep/sweep-flow.ts",
        find: "attempt: running ? drain.attempt : drain.attempt + 1",
        replace: "attempt: drain.attempt",
      },
    ],
    suite: { file: "shared/domain/holds/drain-batch.test.ts", test: "race 29" },
  },
  "race 30: a gate that is refused fails its branch": {
    description: "The handlers of the Parallel around it take a pause for an error.",
    edits: [
      { file: "shared/asl/gates/gate.ts", find: "    goTo(TASK_ERRORS.paused, park),\n", replace: "" },
      {
        file: "shared/asl/gates/handlers.ts",
        find: "ErrorEquals), ...raised];",
        replace: 'ErrorEquals), ...raised, "Sluice.Paused"];',
      },
    ],
    suite: {
      file: "test/integration/engine/compiled-flows.test.ts",
      test: "without the user's Retry and Catch",
    },
  },
  "race 40: an event forgets the older record when its trigger has been put again": {
    description: "Two records of a trigger with latest are queued, and both run.",
    edits: [
      {
        file: "shared/domain/triggers/fire-trigger.ts",
        find: "      const { latest } = trigger ?? fired;\n",
        replace:
          "      const { latest } = trigger ?? fired;\n      if (trigger?.generation !== fired.generation) return;\n",
      },
    ],
    suite: { file: "test/integration/triggers.test.ts", test: "leaves one record in the queue" },
  },
  "race 40: a schedule without a trigger is not noted": {
    description: "A process that dies after the deletion of a trigger leaves its schedule for ever.",
    edits: [
      {
        file: "shared/domain/triggers/put-trigger.ts",
        find: "  await noteSchedules(deps, flow, trigger.triggerId, [trigger.generation]);\n",
        replace: "",
      },
    ],
    suite: { file: "test/integration/triggers.test.ts", test: "the sweeper deletes the schedules" },
  },
};
