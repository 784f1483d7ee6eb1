import { ActionIcon, Box, Code, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Read-only JSON with a copy button. */
export function JsonView({ label, value }: { label: string; value: unknown }) {
  const text = value === undefined ? "" : JSON.stringify(value, null, 2);
  return (
    <Box pos="relative">
      <Code block mah={480} tabIndex={0} role="region" aria-label={label} style={{ overflow: "auto" }}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon
              variant="default"
              onClick={copy}
              aria-label={`Copy ${label.toLowerCase()}`}
              pos="absolute"
              top={6}
              right={6}
            >
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Box>
  );
}
