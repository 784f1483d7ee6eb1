import { afterAll, beforeAll, beforeEach } from "vitest";
import { Table } from "../../../shared/store/table.ts";
import { startTestTable, type TestTable } from "./test-table.ts";

/** A table for the file; before each test `prepare` is called with it and with the test's number, from 1 on. */
export const eachWithTable = (prepare: (table: Table, nth: number) => Promise<void>): void => {
  let db: TestTable;
  let nth = 0;
  beforeAll(async () => {
    db = await startTestTable();
  });
  afterAll(() => db.close());
  beforeEach(() => {
    nth += 1;
    return prepare(new Table(db.client, db.name), nth);
  });
};
