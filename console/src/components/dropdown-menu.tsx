import { Menu } from "@mantine/core";
import type { IconProps } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";

/** A menu that opens below its button, aligned to the right. */
export function DropdownMenu(props: { button: ReactNode; width?: number; children: ReactNode }) {
  const { button, width, children } = props;
  return (
    <Menu position="bottom-end" {...(width === undefined ? {} : { width })}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** An action of a menu, with its icon. `danger` marks one that cannot be undone. */
export function MenuAction(props: {
  Icon: ComponentType<IconProps>;
  danger?: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  const { Icon, danger = false, disabled = false, onClick, children } = props;
  return (
    <Menu.Item
      leftSection={<Icon size={16} aria-hidden />}
      disabled={disabled}
      onClick={onClick}
      {...(danger ? { color: "red" } : {})}
    >
      {children}
    </Menu.Item>
  );
}
