import type fc from "fast-check";
import { DRAIN_MACHINE } from "../../../shared/model/machines/loop-machine.ts";
import type { Answer } from "../../harness/clients/client.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import { unfinished, violations } from "../harness/ledger/invariants.ts";
import type { Ledger } from "../harness/ledger/ledger.ts";
import { slotsLeft } from "../harness/ledger/slot-invariants.ts";
import { releaseAll } from "../harness/release-all.ts";
import type { CallScheduler } from "./call-scheduler.ts";
import { illegalAnswer } from "./legal-answers.ts";
import { OPERATIONS, type OperationName } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { resetEnvironment } from "./reset-environment.ts";
import { parksWithoutIntent, Rules } from "./rules.ts";
import { SITUATIONS, type Situation, type SituationName } from "./situations.ts";
import { DEFINITIONS, Subject } from "./subject.ts";

/** Everything that determines a schedule, apart from Sluice itself. */
export interface Scenario {
  readonly situation: SituationName;
  readonly operations: readonly OperationName[];
  readonly scheduler: fc.Scheduler;
  readonly plan: Plan;
  /** Whether each operation begins when the one before it has ended or is slow; otherwise they begin at any time. */
  readonly inOrder: boolean;
}

/** An environment in which the call scheduler decides the order of calls. */
export interface ScheduleEnvironment {
  readonly environment: ProofEnvironment;
  readonly calls: CallScheduler;
  /** Moves the time forward, in milliseconds, without triggering anything that becomes due. */
  readonly skip: (milliseconds: number) => void;
}

/** The outcome of a schedule: its violations, and the order in which things happened. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly log: readonly string[];
}

export const playSchedule = async (where: ScheduleEnvironment, scenario: Scenario): Promise<Outcome> => {
  const { environment, calls } = where;
  const situation: Situation = SITUATIONS[scenario.situation];
  const subject = new Subject(environment, calls, where.skip);
  const calm = scenario.plan.fault === undefined;
  calls.clear();
  calls.sweeps = !calm;
  calls.observer = new Rules(situation, { runId: "none" }, (invocation) => subject.saw(invocation));
  calls.steps.set(situation);
  await subject.team.create(DEFINITIONS[situation.flow]);
  if (situation.team === "attached") await subject.attach();
  else if (situation.team === "registered") await subject.deploy();
  else if (situation.team === undefined) await subject.publish(DEFINITIONS[situation.flow]);
  await situation.prepare(subject);
  const rules = new Rules(situation, subject, (invocation) => subject.saw(invocation));
  calls.observer = rules;
  const answers = await playOperations(subject, rules, scenario);
  const log = [...calls.log];
  calls.steps.set({});
  calls.end();
  await calls.idle();

  const read = async (): Promise<Ledger> => rules.withoutOrphans(await environment.ledger.read());
  const found = illegalAnswers(scenario, answers);
  if (isResumeFaulty(scenario)) found.push(...parksWithoutIntent(await environment.ledger.read()));
  if (!calm) await environment.admin.advance(PAST_REDO);
  let ledger = await read();
  if (calm && ledger.items.some(isLongDrain)) {
    await environment.admin.advance(NEXT_BATCH);
    ledger = await read();
  }
  found.push(...rules.whenIdle(ledger, environment.now(), calm));
  // A run that a lifted hold releases may wait for a person again.
  for (let rounds = 0; isUnfinished(ledger) && rounds < MAX_ROUNDS; rounds += 1) {
    rules.released();
    await endEverything(subject, ledger, calm);
    ledger = await read();
    found.push(...violations(ledger, environment.now()));
  }
  if (calm && ledger.items.some(isLookedAtLater)) {
    // Even without a fault, the last look of a flow's deletion removes what a slow writer has left, and that at a trigger's schedules too.
    calls.sweeps = true;
    await environment.admin.advance(PAST_REDO);
    ledger = await read();
  }
  for (let looks = 0; slotsLeft(ledger).length > 0 && looks < SLOT_LOOKS; looks += 1) {
    // A claim that lost a race is given back by the sweeper.
    calls.sweeps = true;
    await environment.admin.advance(PAST_CLAIM);
    ledger = await read();
  }
  const differences = () =>
    subject.team.differences(
      ledger.items.find(({ SK, flowId }) => SK === "FLOW" && flowId === subject.flowId),
    );
  if (!calm && (await differences()).length > 0) {
    await environment.admin.advance(PAST_ATTACH);
    ledger = await read();
  }
  found.push(...(await differences()));
  subject.team.close();
  const schedules = ledger.schedules.filter((name) => calm && !isRepeat(name));
  found.push(...unfinished({ ...ledger, schedules }), ...slotsLeft(ledger));
  await resetEnvironment(environment.ledger, ledger, () => calls.idle());
  return { violations: [...new Set([...rules.violations, ...found])], log };
};

const isResumeFaulty = ({ operations, plan: { fault } }: Scenario): boolean =>
  typeof fault?.actor === "number" && operations[fault.actor]?.startsWith("resume the run") === true;

interface Answered {
  readonly name: OperationName;
  readonly index: number;
  readonly answer: Answer | undefined;
}

const playOperations = async (subject: Subject, rules: Rules, scenario: Scenario): Promise<Answered[]> => {
  const { calls } = subject;
  const { operations, inOrder } = scenario;
  const answers: Answered[] = [];
  const begin = async (name: OperationName, index: number): Promise<void> => {
    const mark = String(index);
    await calls.turn(`#${mark} ${name} begins`);
    rules.began(name, mark);
    calls.setInTransit(mark, true);
    const answer = await OPERATIONS[name](subject, mark).finally(() => calls.setInTransit(mark, false));
    rules.ended(name, mark, answer);
    calls.log.push(`#${mark} ${name} has ended: ${answer?.status ?? ""} ${answer?.body["code"] ?? ""}`);
    answers.push({ name, index, answer });
  };
  const waiting = operations.map((name, index) => () => void begin(name, index));
  calls.begin(scenario.scheduler, scenario.plan);
  if (!inOrder) for (const start of waiting.splice(0)) start();
  await calls.play(() => {
    const next = waiting.shift();
    next?.();
    return next !== undefined;
  });
  if (answers.length < operations.length) throw new Error("An operation has no answer");
  return answers;
};

/** Situations in which the flow or its run does not exist yet. */
const NOT_YET: readonly SituationName[] = [
  "not attached, an execution in a step",
  "attached, an execution at its first gate",
];

const illegalAnswers = ({ operations, plan, situation }: Scenario, answers: readonly Answered[]): string[] =>
  answers.flatMap(({ name, index, answer }) => {
    const mayBeGone =
      operations.some((other) => other === "delete the run" || other === "delete the flow") ||
      NOT_YET.includes(situation) ||
      (name === "complete the step" && situation !== "waiting for a person");
    const faulty = plan.fault?.actor === index;
    const wrong = answer && illegalAnswer(name, answer, { faulty, mayBeGone });
    return wrong === undefined ? [] : [wrong];
  });

/** Longer than the first redo of an intent and the retries of a gate. It ends with a sweep. */
const PAST_REDO = "PT3M";
/** The sweeper repairs an attach or a detach whose process has died within this time. */
const PAST_ATTACH = "PT6M";
/** The sweeper gives back a claim whose process has died, or that lost a race, within this time. */
const PAST_CLAIM = "PT6M";
const SLOT_LOOKS = 2;
const MAX_ROUNDS = 3;
/** Longer than a drain waits between two batches. */
const NEXT_BATCH = "PT2S";
/** Longer than a drain waits before its last look. */
const DRAINED = "PT40S";

/** Whether the schedule repeats an event that came early. It finds no hold of its id, like one whose process died before the hold was written. */
const isRepeat = (schedule: string): boolean => /^(?:hold|begin)-.*-\d+$/.test(schedule);

/** Whether a drain needs more than one batch: it counts runs under way or visits the keys of a concurrency limit, or begins slowly. */
const isLongDrain = ({ SK, limited, ramp, drain }: Ledger["items"][number]): boolean =>
  SK === "FLOW" && drain !== undefined && (limited === true || ramp !== undefined);

const isLookedAtLater = ({ SK }: Ledger["items"][number]): boolean =>
  /^(?:DELETION|SCHEDULES)#/.test(String(SK));

const isUnfinished = (ledger: Ledger): boolean =>
  unfinished({ ...ledger, items: ledger.items.filter((item) => !isLookedAtLater(item)) }).length > 0 ||
  ledger.items.some(({ SK, holds }) => SK === "FLOW" && Object.keys(holds ?? {}).length > 0);

/** Releases everything and lets time pass for its effects. */
const endEverything = async (
  { environment, calls }: Subject,
  ledger: Ledger,
  calm: boolean,
): Promise<void> => {
  const { admin } = environment;
  await releaseAll(admin, ledger, () => calls.idle());
  const held = ledger.items.some(({ SK, holds }) => SK === "FLOW" && Object.keys(holds ?? {}).length > 0);
  const drains = ledger.running.some((name) => name.startsWith(DRAIN_MACHINE));
  if (held || drains) await admin.advance(DRAINED);
  for (let looks = 0; !calm && looks < 2; looks += 1) await admin.advance(PAST_REDO);
};
