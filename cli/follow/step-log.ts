import type { Client } from "../../shared/client/operations.ts";
import { pagesOf } from "../../shared/client/pages.ts";
import { MAX_PAGE } from "../../shared/model/limits.ts";
import type { Step } from "../../shared/model/schemas/run.ts";
import type { ListedStep } from "../show/step.ts";

/** The changes among a run's steps since the last poll. Pages whose steps have all ended are not read again. */
export class StepLog {
  readonly #api: Client;
  readonly #runId: string;
  readonly #statuses = new Map<string, Step["status"]>();
  #from: string | undefined;

  constructor(api: Client, runId: string) {
    this.#api = api;
    this.#runId = runId;
  }

  async changes(): Promise<ListedStep[]> {
    const changed: ListedStep[] = [];
    const read = (cursor: string | undefined) =>
      this.#api.listSteps({ runId: this.#runId, query: { limit: MAX_PAGE, cursor } });
    let settled = true;
    for await (const { items, nextCursor } of pagesOf(read, this.#from)) {
      for (const step of items) {
        if (this.#statuses.get(step.stepId) !== step.status) changed.push(step);
        this.#statuses.set(step.stepId, step.status);
        settled &&= step.endedAt !== undefined;
      }
      if (settled && nextCursor !== undefined) this.#from = nextCursor;
    }
    return changed;
  }
}
