import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A link to the document that explains what is shown. */
export function HelpLink({ document, children }: { document: string; children: ReactNode }) {
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to="/help/$document" params={{ document }} {...props} />}>
      {children}
    </Anchor>
  );
}
