import { Checkbox, Table } from "@mantine/core";
import { type RowSelectionState, useTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { FEATURES, type RunColumn } from "./columns.tsx";

/** Estimated row height in pixels, until a row has been laid out and measured. */
const ROW = 48;
const OVERSCAN = 12;

export interface RunsTableProps {
  readonly label: string;
  readonly runs: readonly Run[];
  readonly columns: RunColumn[];
  readonly selection: RowSelectionState;
  readonly onSelect: (selection: RowSelectionState) => void;
  /** Whether rows can be selected. */
  readonly selectable: boolean;
  /** Called when the end of the list is near. */
  readonly onEnd?: (() => void) | undefined;
  /** Set to the runs whose rows are rendered. */
  readonly onScreen: RefObject<readonly Run[]>;
  /** Ids of runs that have been deleted since the list was read. */
  readonly gone: readonly string[];
}

/**
 * A table of runs that renders only the visible rows and those near them. On a narrow screen each row is a card
 * (`main.css`).
 */
export function RunsTable(props: RunsTableProps) {
  const { label, runs, columns, selection, onSelect, selectable, onEnd, onScreen, gone } = props;
  const table = useTable({
    features: FEATURES,
    columns,
    data: runs as Run[],
    getRowId: (run) => run.runId,
    state: { rowSelection: selection },
    onRowSelectionChange: (change) => onSelect(typeof change === "function" ? change(selection) : change),
  });
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: content above the table may have grown
  useEffect(() => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [runs.length]);
  const rows = table.getRowModel().rows;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    scrollMargin: top,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - OVERSCAN) onEnd?.();
  }, [last, rows.length, onEnd]);
  useEffect(() => {
    onScreen.current = shown.flatMap(({ index }) => runs[index] ?? []);
  });
  const above = (shown[0]?.start ?? top) - top;
  const below = virtual.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  const width = columns.length + (selectable ? 1 : 0);
  return (
    <Table.ScrollContainer minWidth="var(--runs-table-width)" type="native">
      <Table highlightOnHover className="runs-table" aria-label={label} aria-rowcount={rows.length + 1}>
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {selectable && (
                <Table.Th w={40} data-column="select">
                  <Checkbox
                    aria-label="Select all shown runs"
                    checked={table.getIsAllRowsSelected()}
                    indeterminate={table.getIsSomeRowsSelected()}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                </Table.Th>
              )}
              {group.headers.map((header) => (
                <Table.Th key={header.id}>
                  <table.FlexRender header={header} />
                </Table.Th>
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody ref={body}>
          <Spacer height={above} width={width} />
          {shown.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <Table.Tr
                key={row.id}
                ref={virtual.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
                data-run={row.id}
                data-gone={gone.includes(row.id) || undefined}
                {...(row.getIsSelected() ? { bg: "var(--mantine-primary-color-light)" } : {})}
              >
                {selectable && (
                  <Table.Td data-column="select">
                    <Checkbox
                      aria-label={`Select run ${row.id}`}
                      checked={row.getIsSelected()}
                      onChange={row.getToggleSelectedHandler()}
                    />
                  </Table.Td>
                )}
                {row.getAllCells().map((cell) => (
                  <Table.Td
                    key={cell.id}
                    data-column={cell.column.id}
                    data-heading={cell.column.columnDef.header}
                  >
                    <table.FlexRender cell={cell} />
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
          <Spacer height={below} width={width} />
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Spacer({ height, width }: { height: number; width: number }) {
  if (height <= 0) return null;
  return (
    <Table.Tr aria-hidden style={{ border: 0 }}>
      <Table.Td colSpan={width} p={0} h={height} />
    </Table.Tr>
  );
}
