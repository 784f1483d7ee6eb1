import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TRACKED = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
}).split("\n");
const PAGES = TRACKED.filter((path) => path.endsWith(".md") && existsSync(join(root, path)));
const FOLDERS = "cli|console|docs|examples|functions|infra|local|shared|test";

const read = (page: string): string => readFileSync(join(root, page), "utf8");
const withoutCodeBlocks = (text: string): string => text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");

/** The anchors of a page's headings, formed as GitHub forms them. */
const anchorsOf = (page: string): Set<string> => {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCodeBlocks(read(page)).matchAll(/^#{1,6} (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
};

const isBroken = (page: string, link: string): boolean => {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !anchorsOf(target).has(anchor);
};

/** Paths in backticks that name one file or folder of the repository; patterns and placeholders are left out. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => new RegExp(`^(${FOLDERS})/[\\w./-]+$`).test(path));

describe.each(PAGES)("%s", (page) => {
  const text = withoutCodeBlocks(read(page));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);

  it("links only to pages and headings that exist", () => {
    const relative = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(relative.filter((link) => isBroken(page, link))).toEqual([]);
  });

  it("names only files and folders that exist", () => {
    expect(pathsIn(text).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

it("the index of the documentation lists every page", () => {
  const index = read("docs/README.md");
  const pages = PAGES.filter((page) => /^docs\/(?!README|decisions)/.test(page));
  expect(pages.filter((page) => !index.includes(`(${page.slice("docs/".length)})`))).toEqual([]);
});
