import { Container, Table, Typography } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import yourOwnStateMachine from "../../../../docs/flows/your-own-state-machine.md?raw";
import breakpoints from "../../../../docs/runs/breakpoints.md?raw";
import failures from "../../../../docs/runs/failures.md?raw";
import holdOnFailure from "../../../../docs/runs/hold-on-failure.md?raw";
import incidents from "../../../../docs/runs/incidents.md?raw";
import mendingARun from "../../../../docs/runs/mending-a-run.md?raw";
import pausingAFlow from "../../../../docs/runs/pausing-a-flow.md?raw";
import readingARun from "../../../../docs/runs/reading-a-run.md?raw";
import replayingARun from "../../../../docs/runs/replaying-a-run.md?raw";
import runStatuses from "../../../../docs/runs/run-statuses.md?raw";
import whyARunPaused from "../../../../docs/runs/why-a-run-paused.md?raw";
import { NotFound } from "../../components/states.tsx";
import { useTitle } from "../../components/title.ts";

/** The documents from the project's docs that the pages link to. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  "run-statuses": runStatuses,
  "reading-a-run": readingARun,
  "replaying-a-run": replayingARun,
  "why-a-run-paused": whyARunPaused,
  "pausing-a-flow": pausingAFlow,
  failures,
  "hold-on-failure": holdOnFailure,
  incidents,
  "mending-a-run": mendingARun,
  breakpoints,
  "your-own-state-machine": yourOwnStateMachine,
};

/** Images, diagrams and comments, which the console does not render. */
const NOT_RENDERED = /!\[.*?\]\(.*?\)|```mermaid[\s\S]*?```|<!--.*?-->/g;

export function HelpPage() {
  const { document } = useParams({ from: "/inside/help/$document" });
  const text = DOCUMENTS[document];
  useTitle(/^# (.+)$/m.exec(text ?? "")?.[1]);
  if (text === undefined) return <NotFound />;
  return (
    <Container size="md" px={0} component="article">
      <Typography>
        <Markdown remarkPlugins={[remarkGfm]} components={{ a: DocumentLink, table: WideTable }}>
          {text.replaceAll(NOT_RENDERED, "")}
        </Markdown>
      </Typography>
    </Container>
  );
}

/** A link between documents; links to documents that the console does not have become plain text. */
function DocumentLink({ href = "", children }: ComponentProps<"a">) {
  const name = /^([a-z-]+)\.md/.exec(href)?.[1];
  if (name !== undefined && name in DOCUMENTS)
    return (
      <Link to="/help/$document" params={{ document: name }}>
        {children}
      </Link>
    );
  return <span>{children}</span>;
}

const WideTable = ({ children }: ComponentProps<"table">) => (
  <Table.ScrollContainer minWidth={480}>
    <table>{children}</table>
  </Table.ScrollContainer>
);
