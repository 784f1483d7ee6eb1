import { shardOf } from "../../model/ids.ts";
import { between, type Clause, within } from "../expressions.ts";
import type { Intent } from "../intent.ts";
import type { Item } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import type { WriteResult } from "../table.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { HumanTask, StepChildren, StepItem } from "./step-item.ts";

export type StepWriteResult =
  | { readonly ok: true; readonly step: StepItem }
  | { readonly ok: false; readonly current?: StepItem };

/** Reads and writes steps. Each step's gate creates it once. */
export class StepStore extends TableStore {
  /** Returns false, and changes nothing, if the step exists. */
  async add(workspace: string, runId: string, step: StepItem): Promise<boolean> {
    const listed = step.human === undefined ? {} : inboxPlace(workspace, runId, step.stepId, step.human);
    return this.table.putIfAbsent({ ...keys.step(workspace, runId, step.stepId), ...step, ...listed });
  }

  get(workspace: string, runId: string, stepId: string): Promise<StepItem | undefined> {
    return this.table.read(keys.step(workspace, runId, stepId), stepItemOf);
  }

  /** Returns the steps that exist, by `<run>#<step>`. */
  async getMany(
    workspace: string,
    steps: readonly { readonly runId: string; readonly stepId: string }[],
  ): Promise<ReadonlyMap<string, StepItem>> {
    const items = await this.table.getMany(
      steps.map(({ runId, stepId }) => keys.step(workspace, runId, stepId)),
    );
    const byKey = new Map(items.map((item) => [`${item["PK"]} ${item["SK"]}`, stepItemOf(item)]));
    return new Map(
      steps.flatMap(({ runId, stepId }) => {
        const { PK, SK } = keys.step(workspace, runId, stepId);
        const step = byKey.get(`${PK} ${SK}`);
        return step === undefined ? [] : [[`${runId}#${stepId}`, step] as const];
      }),
    );
  }

  /** Returns all steps of a run, in order of time. */
  async all(workspace: string, runId: string): Promise<StepItem[]> {
    const { PK } = keys.run(workspace, runId);
    const steps: StepItem[] = [];
    for await (const item of this.table.query({ key: within(PK, "S#") })) steps.push(stepItemOf(item));
    return steps;
  }

  /** Returns the steps after one of them, in order of time, `pageSize` per read. That step may have been deleted. */
  async *from(
    workspace: string,
    runId: string,
    after: string | undefined,
    pageSize: number,
  ): AsyncGenerator<StepItem> {
    const { PK, SK: first } = keys.step(workspace, runId, after ?? "");
    const { SK: last } = keys.step(workspace, runId, "~");
    for await (const item of this.table.query({ key: between(PK, first, last), limit: pageSize }))
      if (item["SK"] !== first) yield stepItemOf(item);
  }

  /** Records the step's end. The first recorded end stays. */
  async end(
    workspace: string,
    runId: string,
    stepId: string,
    end: NonNullable<StepItem["end"]>,
  ): Promise<void> {
    await this.table.update(keys.step(workspace, runId, stepId), {
      set: { end },
      remove: INBOX,
      when: [exists, { text: "attribute_not_exists(#end)", names: { "#end": "end" } }],
    });
  }

  /** Records how the children of a Distributed Map ended. */
  async keepChildren(
    workspace: string,
    runId: string,
    stepId: string,
    children: StepChildren,
  ): Promise<void> {
    await this.table.update(keys.step(workspace, runId, stepId), { set: { children }, when: [exists] });
  }

  /**
   * Stores the question and the task token of a human step. The same token again is a redelivery, which keeps an answer.
   * Another token comes from the state's own Retry and asks again. Rejected if there is no such step.
   */
  async ask(workspace: string, runId: string, stepId: string, human: HumanTask): Promise<StepWriteResult> {
    return stepWriteResult(
      await this.table.update(keys.step(workspace, runId, stepId), {
        set: { human, ...inboxPlace(workspace, runId, stepId, human) },
        remove: ["dueKey", "due"],
        when: [
          exists,
          {
            text: "attribute_not_exists(human.answer) OR human.#token <> :token",
            names: { "#token": "token" },
            values: { ":token": human.token },
          },
        ],
      }),
    );
  }

  /** Assigns an open question to other users. Rejected if it has been answered, has ended, or has been asked again. */
  async assign(
    workspace: string,
    runId: string,
    stepId: string,
    { token, assignees, assigned }: Required<Pick<HumanTask, "token" | "assignees" | "assigned">>,
  ): Promise<StepWriteResult> {
    return stepWriteResult(
      await this.table.update(keys.step(workspace, runId, stepId), {
        set: { "human.assignees": assignees, "human.assigned": assigned },
        when: [
          { text: "attribute_not_exists(#end)", names: { "#end": "end" } },
          { text: "human.#token = :token", names: { "#token": "token" }, values: { ":token": token } },
          { text: "attribute_not_exists(human.answer)" },
        ],
      }),
    );
  }

  /** Stores the answer, once, with the intent to deliver it, which makes the step due. */
  async answer(
    workspace: string,
    runId: string,
    stepId: string,
    answer: string,
    intent: Intent,
  ): Promise<StepWriteResult> {
    const { dueKey, due } = dueAttributes(runId, intent);
    return stepWriteResult(
      await this.table.update(keys.step(workspace, runId, stepId), {
        set: { "human.answer": answer, "human.intent": intent, dueKey, due },
        remove: INBOX,
        when: [
          { text: "attribute_exists(human)" },
          { text: "attribute_not_exists(human.answer)" },
          { text: "attribute_not_exists(#end)", names: { "#end": "end" } },
        ],
      }),
    );
  }

  /** Clears the intent of a delivered answer. */
  async clearIntent(workspace: string, runId: string, stepId: string, id: string): Promise<void> {
    await this.table.update(keys.step(workspace, runId, stepId), {
      remove: ["human.intent", "dueKey", "due"],
      when: [hasIntent(id)],
    });
  }

  async retryIntent(workspace: string, runId: string, stepId: string, intent: Intent): Promise<boolean> {
    const { dueKey, due } = dueAttributes(runId, intent);
    const answer = await this.table.update(keys.step(workspace, runId, stepId), {
      set: { "human.intent": intent, dueKey, due },
      when: [hasIntent(intent.id)],
    });
    return answer.ok;
  }
}

const exists: Clause = { text: "attribute_exists(PK)" };
const hasIntent = (id: string): Clause => ({ text: "human.intent.id = :intent", values: { ":intent": id } });

/** Index attributes of a human step that waits for an answer. */
const INBOX = ["attentionKey", "attentionSince"];

/** Unique and in order of time: when the question was asked, the run and the step. */
const inboxPlace = (workspace: string, runId: string, stepId: string, { askedAt }: HumanTask) => ({
  attentionKey: indexKeys.inbox(workspace, shardOf(runId, INDEX_SHARDS)),
  attentionSince: `${indexKeys.time(askedAt, runId)}#${stepId}`,
});

const dueAttributes = (runId: string, intent: Intent) => ({
  dueKey: indexKeys.due(shardOf(runId, INDEX_SHARDS)),
  due: intent.due,
});

export const stepItemOf = (item: Item): StepItem => {
  const { PK: _partition, SK: _sort, dueKey: _dueKey, due: _due, ...rest } = item;
  const { attentionKey: _key, attentionSince: _since, ...step } = rest;
  return step as unknown as StepItem;
};

const stepWriteResult = (result: WriteResult): StepWriteResult => {
  if (result.ok) return { ok: true, step: stepItemOf(result.item) };
  return result.old === undefined ? { ok: false } : { ok: false, current: stepItemOf(result.old) };
};
