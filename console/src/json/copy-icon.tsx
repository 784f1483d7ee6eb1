import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconCopyPlus, IconRoute } from "@tabler/icons-react";

/** A button that copies a text, and says that it has. */
export function CopyIcon(props: { what: string; text: () => string; shape?: "value" | "path" | "whole" }) {
  const { what, text, shape = "whole" } = props;
  const clipboard = useClipboard();
  const Icon = clipboard.copied ? IconCheck : SHAPES[shape];
  return (
    <Tooltip label={clipboard.copied ? "Copied" : what}>
      <ActionIcon variant="subtle" color="gray" onClick={() => clipboard.copy(text())} aria-label={what}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

const SHAPES = { value: IconCopyPlus, path: IconRoute, whole: IconCopy } as const;
