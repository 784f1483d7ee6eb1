import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";

/** While the page's clock is stopped, responses arrive in real time. */
const ANSWERED_MS = 80;

/** Lets a minute of the browser's time pass, in steps of five seconds in which the service can answer. */
export const passMinute = async (page: Page): Promise<void> => {
  for (let second = 0; second < 60; second += 5) {
    await page.clock.runFor(5_000);
    await delay(ANSWERED_MS);
  }
};

/** Waits until the calls under way have been answered. */
export const untilAnswered = (): Promise<void> => delay(ANSWERED_MS);

/** Makes the page believe that its tab is in the background, or in front again. */
export const setHidden = (page: Page, hidden: boolean): Promise<void> =>
  page.evaluate(`
    Object.defineProperty(document, "visibilityState", {
      value: ${JSON.stringify(hidden ? "hidden" : "visible")},
      configurable: true,
    });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  `);
