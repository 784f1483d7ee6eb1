import { createEventDependencies } from "../dependencies/event-dependencies.ts";
import { createPublishChangesHandler } from "../events/publish-changes.ts";

export const handler = createPublishChangesHandler(createEventDependencies());
