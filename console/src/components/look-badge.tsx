import { Badge, type BadgeProps } from "@mantine/core";
import type { ComponentType } from "react";

export interface Look {
  readonly color: string;
  readonly variant: NonNullable<BadgeProps["variant"]>;
  readonly Icon: ComponentType<{ size: string; "aria-hidden": true }>;
}

/** A status with a color and a shape of its own, so that it does not depend on color alone. */
export function LookBadge(props: { look: Look; status: string; label?: string; size?: BadgeProps["size"] }) {
  const { look, status, label = status, size = "md" } = props;
  const { color, variant, Icon } = look;
  return (
    <Badge
      color={color}
      variant={variant}
      size={size}
      autoContrast
      miw="max-content"
      tt="none"
      data-status={status}
      leftSection={<Icon size="1em" aria-hidden />}
    >
      {label}
    </Badge>
  );
}
