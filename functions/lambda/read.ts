import { createReadHandler } from "../api/read.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createReadHandler(createDependencies());
