import { useParams } from "@tanstack/react-router";

/** The workspace in the page's address. */
export const useWorkspace = (): string =>
  useParams({ strict: false, select: ({ workspace }) => workspace ?? "" });
