import { useEffect } from "react";
import { useWorkspace } from "../api/people.ts";

const PRODUCT = "Sluice";

/** The title of a tab: what its page shows first, so that a narrow tab still tells it apart. */
const titleOf = (...parts: readonly (string | undefined)[]): string =>
  [...parts.filter((part) => part !== undefined && part !== ""), PRODUCT].join(" · ");

/** Names the browser's tab after the page, until the page is left. */
export const useTitle = (name: string | undefined): void => {
  const workspace = useWorkspace();
  useEffect(() => {
    document.title = titleOf(name, workspace);
    return () => {
      document.title = titleOf(workspace);
    };
  }, [name, workspace]);
};
