import { Button, Group, Table, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { CSSProperties, ReactNode } from "react";

/** The width of a phone, below which each row is a card (`main.css`). */
const NARROW = "(max-width: 48em)";

/** The headings as CSS variables, with which the cells of a card are labelled. */
const labelsOf = (headings: readonly (string | undefined)[]): CSSProperties =>
  Object.fromEntries(
    headings.map((heading, index) => [`--heading-${index + 1}`, JSON.stringify(heading ?? "")]),
  ) as CSSProperties;

/**
 * A table with a heading row. The heading of the column with the actions is undefined. On a narrow screen each row is a card, so that nothing
 * is off the screen.
 */
export function DataTable(props: {
  label: string;
  minWidth: number;
  headings: readonly (string | undefined)[];
  children: ReactNode;
}) {
  const { label, minWidth, headings, children } = props;
  const isNarrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  return (
    <Table.ScrollContainer minWidth={isNarrow ? 0 : minWidth} type="native">
      <Table aria-label={label} className="data-table" style={labelsOf(headings)}>
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
