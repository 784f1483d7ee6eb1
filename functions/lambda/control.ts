import { createControlHandler } from "../api/control.ts";
import { createDependencies } from "../dependencies/dependencies.ts";

export const handler = createControlHandler(createDependencies());
