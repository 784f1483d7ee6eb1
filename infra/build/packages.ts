import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";
import { MODULE_OPTIONS } from "./module-options.ts";
import { projectRoot } from "./project-root.ts";

/**
 * Modules that others import from Sluice, by their name in `exports` of package.json, with the packages that are not bundled.
 */
const PACKAGES = {
  /** For users' functions, whose bundle or Lambda runtime has the AWS SDK. */
  gate: { entry: "functions/inline/gate.ts", external: ["@aws-sdk/*"] },
  /** For users' CDK apps. */
  cdk: { entry: "infra/deployers.ts", external: ["aws-cdk-lib", "aws-cdk-lib/*", "constructs", "zod"] },
  /** For programs that call the API, in Node.js and browsers. */
  client: { entry: "shared/client/index.ts", external: [] },
} as const;

/**
 * Bundles each module into `<directory>/<name>/index.mjs`, as JavaScript: Node does not run TypeScript inside of packages.
 * @returns the inputs of each bundle, as esbuild reports them
 */
export const bundlePackages = (
  directory = join(projectRoot, "dist"),
): Readonly<Record<keyof typeof PACKAGES, Metafile>> => {
  const bundle = (name: keyof typeof PACKAGES): Metafile => {
    const { entry, external } = PACKAGES[name];
    rmSync(join(directory, name), { recursive: true, force: true });
    return buildSync({
      ...MODULE_OPTIONS,
      entryPoints: [{ in: entry, out: "index" }],
      outdir: join(directory, name),
      external: [...external],
    }).metafile;
  };
  return { gate: bundle("gate"), cdk: bundle("cdk"), client: bundle("client") };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The compiler writes the declarations next, and removes none of an earlier build.
  rmSync(join(projectRoot, "dist/types"), { recursive: true, force: true });
  bundlePackages();
}
