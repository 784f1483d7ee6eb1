import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { incidentReport } from "../../../shared/model/api/incident-report.ts";
import type { Incident, IncidentPreview } from "../../../shared/model/schemas/incident.ts";
import { EXIT, usage } from "../../failure.ts";
import { positive } from "../../options/paging.ts";
import { type RampOptions, rampOf, withRampOnly } from "../../options/ramp.ts";
import { incidentColumns, incidentText, previewText } from "../../show/incident.ts";
import { jsonText } from "../../terminal/style.ts";
import { futureInstant } from "../../terminal/times.ts";
import { branch, leaf, perform } from "../command.ts";
import { calling, listing } from "../shared-commands.ts";

interface OpenOptions {
  readonly resource?: string[];
  readonly flow?: string[];
  readonly allFlows?: true;
  readonly mode?: "queue" | "reject";
  readonly resumeAt?: string;
  readonly note?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: true;
}

interface ResolveOptions extends RampOptions {
  readonly note?: string;
}

interface ExportOptions {
  readonly format: "markdown" | "json";
  readonly out?: string;
}

export const addIncidents = (program: Command): void => {
  const incidents = branch(program, "incidents", "Hold many flows by one action, and lift all these holds");

  listing(leaf(incidents, "list", "List incidents, newest first", "sluice incidents list"), {
    columns: incidentColumns,
    empty: "No incidents.",
    read: (api, query) => api.listIncidents({ query }),
  });

  calling(
    leaf(
      incidents,
      "show <incidentId>",
      "Show an incident with the flows that it holds and its timeline",
      "sluice incidents show 0198c1e2-…",
    ),
    (api, [incidentId]) => api().getIncident({ incidentId }),
    incidentText,
  );

  addOpen(incidents);

  calling(
    leaf(
      incidents,
      "note <incidentId> <text>",
      "Add a note to the timeline of an incident",
      "sluice incidents note 0198c1e2-… 'They found the cause'",
    ),
    (api, [incidentId, text]: [string, string]) => api().noteIncident({ incidentId, body: { text } }),
    incidentText,
  );

  calling(
    withRampOnly(
      leaf(
        incidents,
        "resolve <incidentId>",
        "Resolve an incident: lift its holds on all flows",
        "sluice incidents resolve 0198c1e2-… --note 'They answer again'",
        "sluice incidents resolve 0198c1e2-… --canary 2 --ramp 1",
      ),
    )
      .option("--canary <n>", "in each flow, so many runs go first", positive)
      .option("--note <text>", "the last entry of the timeline"),
    (api, [incidentId], options: ResolveOptions) => {
      const { canary, note } = options;
      return api().resolveIncident({ incidentId, body: { canary, ramp: rampOf(options), note } });
    },
    incidentText,
  );

  addExport(incidents);
};

const addOpen = (incidents: Command): void => {
  calling(
    leaf(
      incidents,
      "open <title>",
      "Open an incident: hold the states that call a resource in every flow, or whole flows",
      "sluice incidents open 'The bank is down' --resource charge-card --note 'See their status page'",
      "sluice incidents open 'The bank is down' --resource charge-card --dry-run",
      "sluice incidents open 'Prices are wrong' --flow orders --flow refunds --resume-at PT2H",
    )
      .option(
        "--resource <name...>",
        "names, ARNs or URLs of what Tasks call; just the states that call them are held",
      )
      .option("--flow <flowId...>", "flows to hold as a whole")
      .option("--all-flows", "hold every flow of the workspace; for administrators")
      .addOption(
        new Option(
          "--mode <mode>",
          "what flows that are held as a whole do with new records; queue by default",
        ).choices(["queue", "reject"]),
      )
      .option(
        "--resume-at <time>",
        "when it is resolved by itself: ISO 8601, or a duration such as PT2H; at the latest, and by default, in 14 days",
      )
      .option("--note <text>", "the first entry of the timeline")
      .option("--idempotency-key <key>", "opens nothing if this key was used before")
      .option("--dry-run", "hold nothing; show what the incident would hold"),
    async (api, [title], options: OpenOptions): Promise<Incident | IncidentPreview> => {
      const { resource: resources, flow: flows, allFlows: all, mode, note, idempotencyKey } = options;
      if (resources === undefined && flows === undefined && all === undefined)
        throw usage("Say what the incident holds: add --resource, --flow or --all-flows.");
      const resumeAt =
        options.resumeAt === undefined ? undefined : futureInstant(options.resumeAt, Date.now());
      const body = { title, resources, flows, all, mode, resumeAt, note };
      if (options.dryRun === true) return api().openIncident({ body: { ...body, dryRun: true } });
      return api().openIncident({ body, idempotencyKey: idempotencyKey ?? crypto.randomUUID() });
    },
    (answer) => ("timeline" in answer ? incidentText(answer) : previewText(answer)),
  );
};

const addExport = (incidents: Command): void => {
  leaf(
    incidents,
    "export <incidentId>",
    "Export an incident with its holds and its timeline, for a ticket or a report",
    "sluice incidents export 0198c1e2-… > incident.md",
    "sluice incidents export 0198c1e2-… --format json --out incident.json",
  )
    .addOption(
      new Option("--format <format>", "markdown or json").choices(["markdown", "json"]).default("markdown"),
    )
    .option("--out <file>", "write it to a file")
    .action(
      perform<ExportOptions, [string]>(async ({ api, terminal }, { format, out }, incidentId) => {
        const incident = await api().getIncident({ incidentId });
        const text = format === "json" ? jsonText(incident, 2) : incidentReport(incident).trimEnd();
        if (out !== undefined) writeFileSync(out, `${text}\n`);
        if (out === undefined) terminal.result(incident, () => text);
        else if (terminal.json) terminal.result({ incidentId, out }, () => "");
        else terminal.say(`Wrote ${out}.`);
        return EXIT.ok;
      }),
    );
};
