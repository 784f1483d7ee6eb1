import { describe, expect, it } from "vitest";
import { EXIT } from "../failure.ts";
import { annotations } from "./annotations.ts";
import type { FlowResult } from "./flow-result.ts";
import { junitReport } from "./junit.ts";

const fine: FlowResult = {
  ...{ flowId: "billing", file: "flows/billing.asl.json", errors: [], exitCode: EXIT.ok },
  warnings: ["100% of the runs, and more"],
};
const broken: FlowResult = {
  ...{ flowId: "orders", file: "flows/a,b:c.asl.json", warnings: [], exitCode: EXIT.invalid },
  errors: [
    { path: "$.States.One", message: 'Has "<x>" & a\nbell: \u0007', line: 3, column: 7 },
    { path: "", message: "Too large" },
  ],
};

describe("a JUnit report", () => {
  it("has a test case for each flow, and a failure for each error", () => {
    expect(junitReport("sluice flows check", [fine, broken])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sluice flows check" tests="2" failures="1">
  <testsuite name="sluice flows check" tests="2" failures="1">
    <testcase classname="flows" name="billing" file="flows/billing.asl.json"/>
    <testcase classname="flows" name="orders" file="flows/a,b:c.asl.json">
      <failure message="Has &quot;&lt;x&gt;&quot; &amp; a&#10;bell: \ufffd">flows/a,b:c.asl.json:3:7: $.States.One: Has &quot;&lt;x&gt;&quot; &amp; a&#10;bell: \ufffd</failure>
      <failure message="Too large">flows/a,b:c.asl.json: Too large</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });
});

describe("annotations of GitHub", () => {
  it("name file, line and column, and escape what separates their parts", () => {
    expect(annotations([fine, broken])).toEqual([
      "::warning file=flows/billing.asl.json,title=billing::100%25 of the runs, and more",
      '::error file=flows/a%2Cb%3Ac.asl.json,line=3,col=7,title=orders::$.States.One: Has "<x>" & a%0Abell: \u0007',
      "::error file=flows/a%2Cb%3Ac.asl.json,title=orders::Too large",
    ]);
  });
});
