import { MAX_PAGE } from "../../shared/model/limits.ts";
import type { Step } from "../../shared/model/schemas/run.ts";
import type { Page } from "../commands/paging.ts";
import type { Api } from "../http/api.ts";

/** What is new among a run's steps since the last look. Pages whose steps are all over are not read again. */
export class StepLog {
  readonly #api: Api;
  readonly #target: string;
  readonly #told = new Map<string, Step["status"]>();
  #from: string | undefined;

  constructor(api: Api, target: string) {
    this.#api = api;
    this.#target = target;
  }

  async news(): Promise<Step[]> {
    const news: Step[] = [];
    let cursor = this.#from;
    let settled = true;
    do {
      const page: Page<Step> = await this.#api.get(this.#target, { limit: MAX_PAGE, cursor });
      for (const step of page.items) {
        if (this.#told.get(step.stepId) !== step.status) news.push(step);
        this.#told.set(step.stepId, step.status);
        settled &&= step.endedAt !== undefined;
      }
      cursor = page.nextCursor;
      if (settled && cursor !== undefined) this.#from = cursor;
    } while (cursor !== undefined);
    return news;
  }
}
