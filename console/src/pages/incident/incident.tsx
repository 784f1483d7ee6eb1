import { Alert, Button, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { IconBraces, IconChevronDown, IconMarkdown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { incidentReport } from "../../../../shared/model/api/incident-report.ts";
import type { Incident } from "../../../../shared/model/schemas/incident.ts";
import { incidentQuery } from "../../api/incidents.ts";
import { useMay } from "../../api/people.ts";
import { DropdownMenu, MenuAction } from "../../components/dropdown-menu.tsx";
import { Fact, Facts } from "../../components/fact.tsx";
import { counted } from "../../components/format.ts";
import { PageLink } from "../../components/links.tsx";
import { Page, PageHeader } from "../../components/page.tsx";
import { Person } from "../../components/person.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Duration, Time } from "../../components/time.tsx";
import { heldText } from "../incidents/held-text.ts";
import { IncidentStatusBadge } from "../incidents/incident-status.tsx";
import { NoteDialog, ResolveDialog } from "./dialogs.tsx";
import { HeldFlows } from "./held-flows.tsx";
import { saveFile } from "./save-file.ts";
import { Timeline } from "./timeline.tsx";

/** An incident: what it holds, how far placing or lifting is, and what happened. */
export function IncidentPage() {
  const { workspace, incidentId } = useParams({ from: "/inside/$workspace/incidents/$incidentId" });
  const query = useQuery(incidentQuery(workspace, incidentId));
  if (query.data === undefined) return <Unloaded query={query} height={240} label="Loading the incident" />;
  const incident = query.data;
  return (
    <Page size="xl" tab={incident.title}>
      <PageHeader
        above={
          <PageLink size="sm" to="/$workspace/incidents" params={{ workspace }}>
            Incidents
          </PageLink>
        }
        name={incident.title}
        beside={<IncidentStatusBadge status={incident.status} />}
        actions={<Actions workspace={workspace} incident={incident} />}
      />
      <Work incident={incident} />
      <IncidentFacts incident={incident} />
      <Stack gap="xs" component="section">
        <Title order={2} size="h4">
          Flows
        </Title>
        <HeldFlows workspace={workspace} incident={incident} />
      </Stack>
      <Stack gap="xs" component="section">
        <Title order={2} size="h4">
          Timeline
        </Title>
        <Timeline workspace={workspace} timeline={incident.timeline} />
      </Stack>
    </Page>
  );
}

function Actions({ workspace, incident }: { workspace: string; incident: Incident }) {
  const [open, setOpen] = useState<"note" | "resolve">();
  const mayHold = useMay("hold-flows");
  const mayHoldAll = useMay("set-caps");
  const { incidentId, status, all } = incident;
  const mayResolve = mayHold && (all !== true || mayHoldAll) && status === "open";
  const props = { workspace, incident, onClose: () => setOpen(undefined) };
  const save = (ending: string, type: string, text: string) =>
    saveFile(`incident-${incidentId}.${ending}`, type, text);
  return (
    <Group gap="xs">
      <DropdownMenu
        button={
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
            Export
          </Button>
        }
      >
        <MenuAction Icon={IconMarkdown} onClick={() => save("md", "text/markdown", incidentReport(incident))}>
          Markdown
        </MenuAction>
        <MenuAction
          Icon={IconBraces}
          onClick={() => save("json", "application/json", `${JSON.stringify(incident, undefined, 2)}\n`)}
        >
          JSON
        </MenuAction>
      </DropdownMenu>
      {mayHold && (
        <Button variant="default" onClick={() => setOpen("note")}>
          Add a note
        </Button>
      )}
      {mayResolve && <Button onClick={() => setOpen("resolve")}>Resolve</Button>}
      {open === "note" && <NoteDialog {...props} />}
      {open === "resolve" && <ResolveDialog {...props} />}
    </Group>
  );
}

const ENDED = ["lifted", "released", "unmatched"];

/** The progress of placing or lifting the holds, and the flows in which a few runs go first. */
function Work({ incident: { status, progress, holds, flows, resources } }: { incident: Incident }) {
  const ended = holds.filter(({ state }) => ENDED.includes(state)).length;
  const waiting = holds.filter(({ state }) => state === "canary").length;
  if (progress?.work === "place")
    return (
      <WorkAlert
        title="The holds are being placed"
        text={`${counted(progress.done, "flow")} visited, ${holds.length} held so far.`}
        {...(flows !== undefined && resources === undefined && { part: progress.done / flows.length })}
      />
    );
  if (progress?.work === "lift")
    return (
      <WorkAlert
        title="The holds are being lifted"
        text={`${ended} of ${counted(holds.length, "hold")} lifted.`}
        part={ended / Math.max(holds.length, 1)}
      />
    );
  if (status === "resolved" && waiting > 0)
    return (
      <WorkAlert
        title="A few runs go first"
        text={`In ${counted(waiting, "flow")}, the hold is lifted when the runs that go first are through. The page of each flow shows them, and whether they have failed.`}
      />
    );
  return null;
}

function WorkAlert({ title, text, part }: { title: string; text: string; part?: number }) {
  return (
    <Alert color="blue" title={title} role="status">
      <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {text}
      </Text>
      {part !== undefined && <Progress mt={6} value={Math.min(part, 1) * 100} aria-label={title} />}
    </Alert>
  );
}

function IncidentFacts({ incident }: { incident: Incident }) {
  const { incidentId, mode, flows, all, by, openedAt, resumeAt, resolvedAt, resolvedBy, holds } = incident;
  const held = holds.filter(({ state }) => !ENDED.includes(state)).length;
  return (
    <Facts columns={4}>
      <Fact name="Incident ID">
        <Text span ff="monospace" size="sm">
          {incidentId}
        </Text>
      </Fact>
      <Fact name="Holds">{heldText(incident)}</Fact>
      <Fact name="Flows held now">
        {held} of {holds.length}
      </Fact>
      {(flows !== undefined || all === true) && (
        <Fact name="New records of whole flows">{mode === "queue" ? "Queued" : "Rejected"}</Fact>
      )}
      <Fact name="Opened">
        <Time at={openedAt} /> by <Person id={by} />
      </Fact>
      <Fact name="Duration">
        <Duration from={openedAt} to={resolvedAt} />
      </Fact>
      {resolvedAt === undefined ? (
        <Fact name="Resolves automatically">
          <Time at={resumeAt} />
        </Fact>
      ) : (
        <Fact name="Resolved">
          <Time at={resolvedAt} /> by <Person id={resolvedBy ?? "system"} />
        </Fact>
      )}
    </Facts>
  );
}
