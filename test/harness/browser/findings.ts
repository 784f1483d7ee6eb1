import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { eventually } from "../clients/client.ts";

/**
 * Analyzes the page, or a part of it, with all of axe's rules. Only violations are reported in full, and no second page is opened to put
 * together the findings of several frames: the console has a single one.
 */
export const analysisOf = (page: Page, part?: string) => {
  const builder = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode();
  return (part === undefined ? builder : builder.include(part)).analyze();
};

/** The serious and critical findings of axe on the page as it is, or in a part of it. */
export const seriousFindings = async (page: Page, part?: string): Promise<string[]> => {
  const { violations } = await analysisOf(page, part);
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

/** Makes the page as narrow as a phone, and waits until nothing is wider. The layout follows the window with a short movement. */
export const fitsPhone = async (page: Page, width: number): Promise<void> => {
  await page.setViewportSize({ width, height: 740 });
  await eventually(
    async () =>
      ((await page.evaluate("document.documentElement.scrollWidth")) as number) <= width || undefined,
  );
  await eventually(async () => (await page.evaluate(OFF_SCREEN)) === "" || undefined);
};
