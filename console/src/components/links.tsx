import { Anchor } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A link to a page of the console. */
export const PageLink = createLink(Anchor<"a">);

/** A link to the document that explains the content of the page. */
export function HelpLink({ document, children }: { document: string; children: ReactNode }) {
  return (
    <PageLink size="sm" to="/help/$document" params={{ document }}>
      {children}
    </PageLink>
  );
}

/** A link to the page of a run. */
export function RunLink(props: { workspace: string; runId: string; size?: "xs" | "sm" }) {
  const { workspace, runId, size = "sm" } = props;
  return (
    <PageLink
      size={size}
      ff="monospace"
      className="one-line"
      to="/$workspace/monitoring/workflow-runs/$runId"
      params={{ workspace, runId }}
    >
      {runId}
    </PageLink>
  );
}

/** A link to the page of a flow. */
export function FlowLink({ workspace, flowId }: { workspace: string; flowId: string }) {
  return (
    <PageLink size="sm" className="one-line" to="/$workspace/flows/$flowId" params={{ workspace, flowId }}>
      {flowId}
    </PageLink>
  );
}
