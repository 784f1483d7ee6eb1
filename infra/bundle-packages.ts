import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What others import of Sluice, by its place in `exports` of package.json, and what stays outside of it. */
const PACKAGES = {
  /** For users' functions: their bundle, or Lambda's runtime, has the AWS SDK. */
  gate: { entry: "functions/inline/gate.ts", external: ["@aws-sdk/*", "@smithy/*"] },
  /** For users' CDK apps. */
  cdk: { entry: "infra/constructs/inline-gate.ts", external: ["aws-cdk-lib", "aws-cdk-lib/*", "constructs"] },
} as const;

/**
 * Builds each into `<directory>/<name>/index.mjs`: JavaScript, since Node refuses TypeScript from packages.
 * @returns what went into them, as esbuild tells it
 */
export const bundlePackages = (
  directory = join(projectRoot, "dist"),
): Readonly<Record<keyof typeof PACKAGES, Metafile>> => {
  const bundle = (name: keyof typeof PACKAGES): Metafile => {
    const { entry, external } = PACKAGES[name];
    rmSync(join(directory, name), { recursive: true, force: true });
    return buildSync({
      absWorkingDir: projectRoot,
      entryPoints: [{ in: entry, out: "index" }],
      outdir: join(directory, name),
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      mainFields: ["module", "main"],
      external: [...external],
      minify: true,
      keepNames: true,
      legalComments: "linked",
      metafile: true,
      logLevel: "warning",
    }).metafile;
  };
  return { gate: bundle("gate"), cdk: bundle("cdk") };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) bundlePackages();
