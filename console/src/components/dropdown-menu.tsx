import { Menu } from "@mantine/core";
import type { ReactNode } from "react";

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
