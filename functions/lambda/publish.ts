import { createPublishHandler } from "../api/publish.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createPublishHandler(createDependencies());
