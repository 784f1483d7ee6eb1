import type { ReactNode } from "react";
import { PageLink } from "./page-link.tsx";

/** A link to the document that explains what is shown. */
export function HelpLink({ document, children }: { document: string; children: ReactNode }) {
  return (
    <PageLink size="sm" to="/help/$document" params={{ document }}>
      {children}
    </PageLink>
  );
}
