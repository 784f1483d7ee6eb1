import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "../..");
const CRUISER = join(projectRoot, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const FOLDERS = ["functions", "shared", "cli", "console", "infra", "local", "test", "examples"];

/** The console shows documents. */
const IMPORTED = ["docs"];

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

export interface Cruise {
  /** `rule: file` for each violation. */
  readonly violations: readonly string[];
  /** Names of the rules that were checked. */
  readonly rules: readonly string[];
  /** Import edges that were found. */
  readonly dependencies: number;
}

/**
 * Runs the architecture's rules on a copy of the project into which these files have been put.
 * @param planted content by path from the project's root
 */
export const cruiseWith = (planted: Readonly<Record<string, string>>): Cruise => {
  const copy = mkdtempSync(join(tmpdir(), "sluice-architecture-"));
  try {
    for (const folder of [...FOLDERS, ...IMPORTED])
      cpSync(join(projectRoot, folder), join(copy, folder), { recursive: true });
    for (const file of [".dependency-cruiser.mjs", "package.json"]) {
      cpSync(join(projectRoot, file), join(copy, file));
    }
    // Installed packages, and those of Sluice itself that examples import.
    for (const made of ["node_modules", "dist"]) symlinkSync(join(projectRoot, made), join(copy, made));
    for (const [path, content] of Object.entries(planted)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), content);
    }
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [CRUISER, "--config", ".dependency-cruiser.mjs", "--output-type", "json", ...FOLDERS],
      { cwd: copy, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
    );
    if (stdout === "") throw new Error(`dependency-cruiser said: ${stderr}`);
    const { summary } = JSON.parse(stdout) as {
      summary: {
        violations: Violation[];
        totalDependenciesCruised: number;
        ruleSetUsed: { forbidden: { name: string }[] };
      };
    };
    return {
      violations: summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`),
      rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
      dependencies: summary.totalDependenciesCruised,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};
