import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { ensureConsole } from "./built-console.ts";

/** Chromium's own first-run and background traffic has no place in a test. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];
const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser and its environment: CHROMIUM_PATH, the one of the npm package, or an installed one. */
const findBrowser = async (): Promise<{ path: string; environment: Record<string, string> }> => {
  const asked = process.env["CHROMIUM_PATH"];
  if (asked !== undefined && asked !== "") return { path: asked, environment: {} };
  if (process.platform === "linux" && process.arch === "x64") {
    const { default: packaged, inflate } = await import("@sparticuz/chromium");
    const path = await packaged.executablePath();
    // The package also contains the libraries that a machine without a desktop lacks.
    const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "bin");
    await inflate(join(bin, "al2023.tar.br"));
    const libraries = join(tmpdir(), "al2023", "lib");
    const before = process.env["LD_LIBRARY_PATH"];
    return {
      path,
      environment: {
        LD_LIBRARY_PATH: before === undefined ? libraries : `${libraries}:${before}`,
        FONTCONFIG_PATH: join(tmpdir(), "fonts"),
      },
    };
  }
  const path = INSTALLED.find(existsSync);
  if (path === undefined)
    throw new Error("No Chromium was found: install one, or say where it is with CHROMIUM_PATH");
  return { path, environment: {} };
};

/** Starts the browser for pages of the console, built from the current sources. */
export const launchBrowser = async (): Promise<Browser> => {
  await ensureConsole();
  const { path, environment } = await findBrowser();
  return chromium.launch({
    executablePath: path,
    args: ARGUMENTS,
    env: { ...(process.env as Record<string, string>), ...environment },
  });
};

/** A new browser profile on the stack's page, signed in as the user. Any error of the page fails the test. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("console", (message) => {
      // The browser reports each 4xx response as an error; the tests check what the page shows for them.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.#complaints.push(message.text());
    });
  }

  /** A person who has not signed in. */
  static async stranger(browser: Browser, url: string): Promise<Visitor> {
    const context = await browser.newContext({
      ...{ baseURL: url, viewport: { width: 1280, height: 800 } },
      // Movements cost more time than what they end in, and a click waits for their end.
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    return new Visitor(context, page);
  }

  static async of(browser: Browser, url: string, user: string, path = "/"): Promise<Visitor> {
    const visitor = await Visitor.stranger(browser, url);
    const { page } = visitor;
    await page.goto(path);
    await page.getByRole("button", { name: user, exact: true }).click();
    await page.getByRole("navigation", { name: "Sections" }).waitFor({ state: "attached" });
    return visitor;
  }

  /** Errors of scripts and of the Content-Security-Policy so far. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
