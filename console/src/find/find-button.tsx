import { ActionIcon, Kbd, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure, useWindowEvent } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

const FindDialog = lazy(() => import("./find-dialog.tsx"));

/** Whether the key is text for a field. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** `/` outside of fields, and Ctrl-K or ⌘K anywhere. */
const asksToFind = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean => {
  if (key.toLowerCase() === "k") return (ctrlKey || metaKey) && !altKey;
  return key === "/" && !ctrlKey && !metaKey && !altKey && !isTyping(target);
};

const useFind = (workspace: string) => {
  const [isOpen, { open, close }] = useDisclosure(false);
  const dialog = isOpen && (
    <Suspense>
      <FindDialog workspace={workspace} onClose={close} />
    </Suspense>
  );
  return { open, dialog };
};

/** The search box of the header. It opens the search, as `/` and Ctrl-K do. */
export function FindButton({ workspace }: { workspace: string }) {
  const { open, dialog } = useFind(workspace);
  useWindowEvent("keydown", (event) => {
    // A dialog that is open keeps the keyboard.
    if (!asksToFind(event) || document.querySelector('[role="dialog"]') !== null) return;
    event.preventDefault();
    open();
  });
  return (
    <search>
      <UnstyledButton className="find-box" visibleFrom="sm" onClick={open} aria-keyshortcuts="/ Control+K">
        <IconSearch size={16} aria-hidden />
        <Text size="sm" span>
          Find
        </Text>
        <Kbd size="xs" aria-hidden>
          /
        </Kbd>
      </UnstyledButton>
      <ActionIcon variant="subtle" color="gray" hiddenFrom="sm" onClick={open} aria-label="Find">
        <IconSearch size={18} aria-hidden />
      </ActionIcon>
      {dialog}
    </search>
  );
}

/** The search box of a page that begins with it. */
export function FindField({ workspace, children }: { workspace: string; children: string }) {
  const { open, dialog } = useFind(workspace);
  return (
    <search>
      <UnstyledButton className="find-box find-field" onClick={open}>
        <IconSearch size={18} aria-hidden />
        <Text span>{children}</Text>
      </UnstyledButton>
      {dialog}
    </search>
  );
}
