import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { eventually } from "../clients/client.ts";
import { dailyPart } from "../daily-part.ts";

/** Whether a place in the tests is analyzed today: each is every other day, and all are with `AXE=all`. */
const isDueToday = (): boolean => {
  const line = /\.test\.ts:(\d+)/.exec(new Error("here").stack ?? "")?.[1];
  return process.env["AXE"] === "all" || line === undefined || Number(line) % 2 === dailyPart(2);
};

/**
 * Analyzes the page, or a part of it, with all of axe's rules, every other day. Only violations are reported in full, and no second page is
 * opened to put together the findings of several frames: the console has a single one.
 */
export const analysisOf = async (
  page: Page,
  part?: string,
  isDue = isDueToday(),
): Promise<Pick<Awaited<ReturnType<AxeBuilder["analyze"]>>, "violations">> => {
  if (!isDue) return { violations: [] };
  const builder = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode();
  return (part === undefined ? builder : builder.include(part)).analyze();
};

/** The serious and critical findings of axe on the page as it is, or in a part of it. */
export const seriousFindings = async (page: Page, part?: string, isDue = isDueToday()): Promise<string[]> => {
  const { violations } = await analysisOf(page, part, isDue);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
    );
};

/** Buttons and links that end beyond the right edge of the page, also inside a part that scrolls. */
const OFF_SCREEN = `[...document.querySelectorAll("button, a")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.getAttribute("aria-label") ?? one.textContent)
  .join()`;

/** Waits until nothing is wider than the window. The layout follows it with a short movement. */
export const untilNoWider = (page: Page, width: number): Promise<true> =>
  eventually(
    async () =>
      ((await page.evaluate("document.documentElement.scrollWidth")) as number) <= width || undefined,
  );

/** Makes the page as narrow as a phone, and waits until nothing is wider. */
export const fitsPhone = async (page: Page, width: number): Promise<void> => {
  await page.setViewportSize({ width, height: 740 });
  await untilNoWider(page, width);
  await eventually(async () => (await page.evaluate(OFF_SCREEN)) === "" || undefined);
};
