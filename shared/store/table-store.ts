import type { Table } from "./table.ts";

/** A part of the table, with the operations on its items. */
export abstract class TableStore {
  protected readonly table: Table;
  constructor(table: Table) {
    this.table = table;
  }
}
