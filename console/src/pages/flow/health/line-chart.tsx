import { Text, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
  readonly name: string;
  readonly color: "blue" | "orange" | "red";
  readonly dashed?: boolean;
  /** One for each time; null where there is none, which leaves a gap. */
  readonly values: readonly (number | null)[];
}

const HEIGHT = 130;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const DASHES = [6, 4];
/** The shortest time that a chart shows, and the distances between the times on its axis. */
const MIN_SPAN_MS = 5 * 60_000;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * 60_000);

/**
 * Lines over time, with their values at the pointer, or else the last ones. `summary` says in words what the chart shows. `times` (epoch
 * milliseconds) and `lines` must keep their identity while they do not change: the chart is drawn anew otherwise.
 */
export function LineChart(props: {
  title: string;
  summary: string;
  times: readonly number[];
  lines: readonly Line[];
}) {
  const { title, summary, times, lines } = props;
  const scheme = useComputedColorScheme();
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    // The colors are those of the scheme, which is not in the options.
    if (element === null || width === 0 || scheme === undefined) return;
    const chart = new UPlot(optionsFor(element, width, times, lines), dataOf(times, lines), element);
    return () => chart.destroy();
  }, [width, scheme, times, lines]);
  return (
    <div ref={ref} style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      <div ref={host} role="img" aria-label={summary} className="line-chart" style={{ minHeight: HEIGHT }} />
    </div>
  );
}

const dataOf = (times: readonly number[], lines: readonly Line[]): UPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

const optionsFor = (
  element: HTMLElement,
  width: number,
  times: readonly number[],
  lines: readonly Line[],
): UPlot.Options => {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--mantine-color-${name}`);
  const axis: UPlot.Axis = {
    stroke: color("dimmed"),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: color("default-border"), width: 1 },
    ticks: { show: false },
  };
  // The legend asks without a value while no pointer is on the chart.
  const shown = (format: Intl.NumberFormat | Intl.DateTimeFormat, last: number | null | undefined) => {
    const text = (value: number | null | undefined) => (value == null ? "–" : format.format(value));
    return (_chart: UPlot, value: number | null) => text(value ?? last);
  };
  return {
    ...{ width, height: HEIGHT, ms: 1, padding: [6, 8, 0, 0] },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: {
      x: { range: (_chart, first, last) => [Math.min(first, last - MIN_SPAN_MS), last] },
      y: { range: (_chart, low, high) => [Math.min(low ?? 0, 0), Math.max((high ?? 0) * 1.1, 1)] },
    },
    axes: [
      {
        ...{ ...axis, size: 24, space: 70, incrs: STEPS_MS },
        values: (_chart, splits) => splits.map((at) => CLOCK.format(at)),
      },
      { ...axis, size: 40, space: 30, values: (_chart, splits) => splits.map((one) => NUMBER.format(one)) },
    ],
    series: [
      { label: "Time", value: shown(CLOCK, times.at(-1)) },
      ...lines.map(
        ({ name, values, dashed = false, ...line }): UPlot.Series => ({
          label: name,
          stroke: color(`${line.color}-outline`),
          width: 2,
          ...(dashed ? { dash: DASHES } : {}),
          points: { show: values.length < 3 },
          value: shown(NUMBER, values.at(-1)),
        }),
      ),
    ],
  };
};
