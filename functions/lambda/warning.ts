import { createEventDependencies } from "../dependencies/event-dependencies.ts";
import { createWarningHandler } from "../schedules/hold-end.ts";

export const handler = createWarningHandler(createEventDependencies());
