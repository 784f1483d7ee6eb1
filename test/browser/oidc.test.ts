import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Visitor } from "../harness/browser/browser.ts";
import { apiForOrigin, hostConsole, type Listening } from "../harness/browser/hosted-console.ts";
import { type OidcIssuer, oidcIssuer } from "../harness/browser/oidc-issuer.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

/** As on AWS, the page, the API and the issuer each have an origin. */
let stack: TestStack;
let browser: Browser;
let issuer: OidcIssuer;
let api: Listening;
let site: Listening;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launchBrowser()]);
  issuer = await oidcIssuer(stack.url, "operator", {
    redirectUri: () => `${site.url}/signed-in`,
    expiresIn: () => 3_600,
  });
  api = await apiForOrigin(stack.url, () => site.url);
  site = await hostConsole([api.url, issuer.url], () => ({
    signIn: {
      kind: "oidc",
      authority: issuer.url,
      clientId: issuer.clientId,
      scope: "openid profile email",
      logoutUrl: `${issuer.url}/logout?client_id=${issuer.clientId}&logout_uri=${encodeURIComponent(site.url)}`,
    },
    apiUrl: api.url,
    workspace: "demo",
  }));
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([site?.close(), api?.close(), issuer?.close()]);
  await stack?.close();
});

/** Everything that the page stores in the browser beyond this tab. */
const keptBeyondTheTab = (page: Page) => page.evaluate(() => JSON.stringify(localStorage));
const keptInTheTab = (page: Page) => page.evaluate(() => JSON.stringify(sessionStorage));
const tokenInTab = async (page: Page) => {
  const text = await page.evaluate(() => sessionStorage.getItem("sluice.session"));
  return text === null ? undefined : (JSON.parse(text) as { token: string }).token;
};
const lastGrant = () => issuer.grants.at(-1);

test("a user signs in at the issuer, stays signed in and returns to the same page", async () => {
  await stack.admin.publish("pages", {
    StartAt: "Wait",
    States: { Wait: { Type: "Wait", Seconds: 3600, Next: "Done" }, Done: { Type: "Succeed" } },
  });
  const { runId } = await stack.admin.dispatch("pages", { order: 1 });
  await stack.admin.untilStatus(runId, "waiting");
  const path = `/demo/monitoring/workflow-runs/${runId}`;
  const visitor = await Visitor.stranger(browser, site.url);
  const { page, context } = visitor;
  await page.clock.install();
  const heading = page.getByRole("heading", { name: runId });
  const signIn = page.getByRole("button", { name: "Sign in" });

  await page.goto(path);
  await signIn.click();
  await heading.waitFor();
  expect(page.url()).toBe(`${site.url}${path}`);
  expect(lastGrant()?.kind).toBe("authorization_code");
  expect(await keptBeyondTheTab(page)).not.toMatch(/eyJ|refresh-/);
  expect(await context.cookies()).toEqual([]);

  // The API is on another origin, and accepts a control request with If-Match.
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByText("Workflow run cancelled").waitFor();

  await page.clock.fastForward("59:30");
  await expect.poll(lastGrant).toMatchObject({ kind: "refresh_token" });
  await expect.poll(() => tokenInTab(page)).toBe(lastGrant()?.token);

  // A reloaded page continues to renew.
  const before = issuer.grants.length;
  await page.reload();
  await heading.waitFor();
  await page.clock.fastForward("59:30");
  await expect.poll(() => issuer.grants.length).toBe(before + 1);

  // The token expired while the computer slept, and the person clicks immediately.
  await page.clock.setSystemTime(Date.now() + 12 * 3_600_000);
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect.poll(() => issuer.grants.length).toBe(before + 2);
  await heading.waitFor();
  expect(issuer.visits()).toBe(1);

  // The issuer's own session has ended: the person has to sign in again, and returns to the same page.
  issuer.forget();
  await page.clock.fastForward("02:00:00");
  await signIn.waitFor();
  expect(await tokenInTab(page)).toBeUndefined();
  await signIn.click();
  await heading.waitFor();
  expect(page.url()).toBe(`${site.url}${path}`);
  expect(issuer.visits()).toBe(2);

  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await signIn.waitFor();
  expect(await keptInTheTab(page)).not.toMatch(/eyJ|refresh-/);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

test("a forged response of the issuer signs nobody in", async () => {
  const visitor = await Visitor.stranger(browser, site.url);
  const { page } = visitor;
  const before = issuer.grants.length;
  await page.goto("/signed-in?code=stolen&state=made-up");
  await page.getByText(/No matching state/).waitFor();
  expect(await tokenInTab(page)).toBeUndefined();
  expect(issuer.grants.length).toBe(before);
  await visitor.close();
});
