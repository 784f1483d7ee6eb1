import type fc from "fast-check";
import { DRAIN_MACHINE } from "../../../shared/model/machines/drain-machine.ts";
import { type BookKeeper, type Books, imbalances, remains } from "../../harness/ledger/ledger.ts";
import type { Answer } from "../../support/client.ts";
import type { ProofStack } from "../harness/proof-stack.ts";
import { OPERATIONS, type OperationName } from "./operations.ts";
import { illegalAnswer, Rules, withoutIntent } from "./rules.ts";
import { SITUATIONS, type Situation, type SituationName } from "./situations.ts";
import type { Plan, Stage } from "./stage.ts";
import { sweepUp } from "./sweep-up.ts";
import { DEFINITIONS, World } from "./world.ts";

/** One schedule: what is drawn, and with the scheduler's order all that is not the product's own doing. */
export interface Scenario {
  readonly situation: SituationName;
  readonly operations: readonly OperationName[];
  readonly scheduler: fc.Scheduler;
  readonly plan: Plan;
  /** Each operation begins when the one before it is over or slow; else they begin at any time. */
  readonly inOrder: boolean;
}

/** Where schedules are played: one stack, its calls in the stage's hands, the time in the test's. */
export interface Theatre {
  readonly proof: ProofStack;
  readonly stage: Stage;
  readonly keeper: BookKeeper;
  readonly passes: (milliseconds: number) => void;
}

/** What a schedule came to: nothing broken, or what, with the order in which things happened. */
export interface Outcome {
  readonly broken: readonly string[];
  readonly told: readonly string[];
}

export const playSchedule = async (theatre: Theatre, scenario: Scenario): Promise<Outcome> => {
  const { proof, stage, keeper } = theatre;
  const situation: Situation = SITUATIONS[scenario.situation];
  const world = new World(proof, stage, theatre.passes);
  const calm = scenario.plan.mishap === undefined;
  stage.clear();
  stage.sweeps = !calm;
  stage.audience = new Rules(situation, "none", (invocation) => world.saw(invocation));
  stage.steps.set(situation);
  await world.publish(DEFINITIONS[situation.flow]);
  await situation.make(world);
  const rules = new Rules(situation, world.runId, (invocation) => world.saw(invocation));
  stage.audience = rules;
  const answers = await playOperations(world, rules, scenario);
  const told = [...stage.told];
  stage.steps.set({});
  stage.end();
  await stage.rest();

  const broken = illegalAnswers(scenario, answers);
  if (brokeResume(scenario)) broken.push(...withoutIntent(await keeper.read()));
  if (!calm) await proof.admin.advance(PAST_REDO);
  let books = rules.withoutOrphans(await keeper.read());
  broken.push(...rules.atRest(books, proof.now(), calm));
  // What a lifted hold lets start may wait for a person again.
  for (let rounds = 0; isUnfinished(books) && rounds < MAX_ROUNDS; rounds += 1) {
    rules.released();
    await windUp(world, books, calm);
    books = rules.withoutOrphans(await keeper.read());
    broken.push(...imbalances(books));
  }
  if (calm && books.items.some(isDeletion)) {
    // What a slow writer has left of a deleted flow is for the deletion's last look, also where nothing fails.
    stage.sweeps = true;
    await proof.admin.advance(PAST_REDO);
    books = rules.withoutOrphans(await keeper.read());
  }
  broken.push(...remains({ ...books, schedules: books.schedules.filter((name) => calm && !isRepeat(name)) }));
  await sweepUp(keeper, books, () => stage.rest());
  return { broken: [...new Set([...rules.broken, ...broken])], told };
};

const brokeResume = ({ operations, plan: { mishap } }: Scenario): boolean =>
  typeof mishap?.actor === "number" && operations[mishap.actor] === "resume the run";

interface Answered {
  readonly name: OperationName;
  readonly index: number;
  readonly answer: Answer | undefined;
}

const playOperations = async (world: World, rules: Rules, scenario: Scenario): Promise<Answered[]> => {
  const { stage } = world;
  const { operations, inOrder } = scenario;
  const answers: Answered[] = [];
  const begin = async (name: OperationName, index: number): Promise<void> => {
    const mark = String(index);
    await stage.turn(`#${mark} ${name} begins`);
    rules.began(name, mark);
    stage.travels(mark, true);
    const answer = await OPERATIONS[name](world, mark).finally(() => stage.travels(mark, false));
    rules.ended(name, mark, answer);
    stage.told.push(`#${mark} ${name} is over: ${answer?.status ?? ""} ${answer?.body["code"] ?? ""}`);
    answers.push({ name, index, answer });
  };
  const waiting = operations.map((name, index) => () => void begin(name, index));
  stage.begin(scenario.scheduler, scenario.plan);
  if (!inOrder) for (const start of waiting.splice(0)) start();
  await stage.play(() => {
    const next = waiting.shift();
    next?.();
    return next !== undefined;
  });
  if (answers.length < operations.length) throw new Error("An operation has no answer");
  return answers;
};

const illegalAnswers = ({ operations, plan, situation }: Scenario, answers: readonly Answered[]): string[] =>
  answers.flatMap(({ name, index, answer }) => {
    const mayBeGone =
      operations.some((other) => other === "delete the run" || other === "delete the flow") ||
      (name === "complete the step" && situation !== "waiting for a person");
    const shaken = plan.mishap?.actor === index;
    const wrong = answer && illegalAnswer(name, answer, { shaken, mayBeGone });
    return wrong === undefined ? [] : [wrong];
  });

/** Beyond the first redo of an intent, and the retries of a gate; a sweep comes at its end. */
const PAST_REDO = "PT3M";
const MAX_ROUNDS = 3;
/** Longer than a drain waits for its last look. */
const DRAINED = "PT40S";

/** Left for an event that came early: it finds no hold of its id, as does one whose maker died before the hold. */
const isRepeat = (schedule: string): boolean => /^hold-.*-\d+$/.test(schedule);

const isDeletion = ({ SK }: Books["items"][number]): boolean => String(SK).startsWith("DELETION#");

const isUnfinished = (books: Books): boolean =>
  remains(books).length > 0 ||
  books.items.some(({ SK, holds }) => SK === "FLOW" && Object.keys(holds ?? {}).length > 0);

/** Lifts whatever holds, answers whoever waits, and lets time pass until nothing is left to do. */
const windUp = async (world: World, books: Books, calm: boolean): Promise<void> => {
  const { items, runs } = books;
  const { proof, stage } = world;
  const flow = items.find(({ SK }) => SK === "FLOW");
  const held = Object.keys(flow?.["holds"] ?? {}).length > 0;
  if (held) await world.call("POST", `/flows/${world.flowId}/resume`);
  await stage.rest();
  for (const { runId, status, pausedBy } of runs) {
    if (status === "paused" && pausedBy?.kind === "user") await world.call("POST", `/runs/${runId}/resume`);
    if (status === "waiting") await answer(world, runId, items);
    await stage.rest();
  }
  const drains = books.running.some((name) => name.startsWith(DRAIN_MACHINE));
  if (held || drains) await proof.admin.advance(DRAINED);
  for (let looks = 0; !calm && looks < 2; looks += 1) await proof.admin.advance(PAST_REDO);
};

const answer = async (world: World, runId: string, items: Books["items"]): Promise<void> => {
  const isOpen = (item: Books["items"][number]): boolean =>
    item["PK"] === `W#demo#R#${runId}` && item["human"] !== undefined;
  for (const { SK } of items.filter(isOpen)) {
    const step = `/runs/${runId}/steps/${String(SK).slice("S#".length)}`;
    await world.call("POST", `${step}/complete`, { decision: "approved" });
  }
};
