import { Button, Group, Table, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

/** A table with a heading row. The heading of the column with the actions is undefined. */
export function DataTable(props: {
  label: string;
  minWidth: number;
  headings: readonly (string | undefined)[];
  children: ReactNode;
}) {
  const { label, minWidth, headings, children } = props;
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {headings.map((heading) =>
              heading === undefined ? (
                <Table.Th key="actions">
                  <VisuallyHidden>Actions</VisuallyHidden>
                </Table.Th>
              ) : (
                <Table.Th key={heading}>{heading}</Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Reads the next page of a list, if there is one. */
export function ShowMore({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!list.hasNextPage) return null;
  return (
    <Group justify="center">
      <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        Show more
      </Button>
    </Group>
  );
}
