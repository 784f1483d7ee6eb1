import { openApiDocument } from "../../shared/model/api/openapi.ts";
import { METRIC_KEYS, metricMeaning, metricName, metricUnit } from "../../shared/model/metrics.ts";
import { ERROR_TABLES } from "./error-tables.ts";
import { eventSections, eventsSchema } from "./events-page.ts";
import { permissionsTable } from "./permissions-table.ts";
import { table, withSection } from "./section.ts";
import { statusDiagram } from "./status-diagram.ts";

const DOCS = new URL("../../docs/", import.meta.url);

const sections =
  (contents: Readonly<Record<string, () => string>>) =>
  (page: string): string =>
    Object.entries(contents).reduce((text, [name, content]) => withSection(text, name, content()), page);

const metricTable = (): string =>
  table(
    ["metric", "unit", "meaning"],
    METRIC_KEYS.map((key) => [`\`${metricName(key)}\``, metricUnit(key), metricMeaning(key)]),
  );

/** The generated pages of docs/, each with the function that updates its text. */
const PAGES: Readonly<Record<string, (page: string) => string>> = {
  "operate/monitoring.md": sections({ metrics: metricTable }),
  "reference/errors.md": sections(ERROR_TABLES),
  "reference/events.md": sections({ events: eventSections }),
  "reference/events.schema.json": eventsSchema,
  "reference/openapi.json": () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
  "reference/permissions.md": sections({ permissions: permissionsTable }),
  "runs/run-statuses.md": sections({ "status diagram": statusDiagram }),
};

export const GENERATED_PAGES = Object.entries(PAGES).map(([path, update]) => ({
  path,
  url: new URL(path, DOCS),
  update,
}));
