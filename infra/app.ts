import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { buildConsole } from "./build/console.ts";
import { bundleFunctions } from "./build/functions.ts";
import { refuseUnsupportedRegions } from "./stacks/regions.ts";
import { refuseRemovals } from "./stacks/removals.ts";
import { addSluice } from "./stacks/sluice.ts";

const app = new App();
refuseUnsupportedRegions(app);
refuseRemovals(app);
addSluice(app, { bundles: bundleFunctions().directory, consoleFiles: await buildConsole() });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
app.synth();
