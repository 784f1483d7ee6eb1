import { readFileSync, writeFileSync } from "node:fs";
import { eventsSchema, withEvents } from "./events-page.ts";

const page = new URL("../../docs/reference/events.md", import.meta.url);
writeFileSync(page, withEvents(readFileSync(page, "utf8")));
writeFileSync(new URL("../../docs/reference/events.schema.json", import.meta.url), eventsSchema());
