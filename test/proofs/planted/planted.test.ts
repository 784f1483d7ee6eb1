import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { projectRoot } from "../../../infra/build/project-root.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import { BUGS } from "./bugs.ts";
import { edited, ProjectCopy } from "./project-copy.ts";

/** One twenty-fourth of the bugs is planted, another one each day. `npm run planted` plants all of them. */
const PARTS = 24;
const part = dailyPart(PARTS);

const bugs = Object.entries(BUGS);

test.each(bugs)("the place of the planted bug “%s” exists", (_name, { edits, suite }) => {
  expect(edits.length).toBeGreaterThan(0);
  for (const edit of edits) {
    const text = readFileSync(join(projectRoot, edit.file), "utf8");
    expect(edited(text, edit)).not.toBe(text);
  }
  expect(existsSync(join(projectRoot, suite.file))).toBe(true);
});

let copy: ProjectCopy | undefined;
afterAll(() => copy?.remove());

test.each(bugs.filter((_bug, index) => index % PARTS === part))(
  "the planted bug “%s” is found by its suite",
  { timeout: 180_000 },
  async (_name, bug) => {
    copy ??= new ProjectCopy();
    const { failed, output } = await copy.play(bug);
    expect(failed, output).not.toEqual([]);
  },
);
