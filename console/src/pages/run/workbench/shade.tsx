import { type Mark, placeOn, type Span } from "./axis.ts";

/** The lines of the time axis, and the shaded stretches in which the run was paused, behind the bars. */
export function Shade(props: { span: Span; pauses: readonly Span[]; marks: readonly Mark[] }) {
  const { span, pauses, marks } = props;
  return (
    <div className="gantt-row gantt-shade" aria-hidden>
      <span />
      <span className="gantt-bars">
        {marks.map(({ at, label }) => (
          <span key={label} className="gantt-line" style={{ left: `${at * 100}%` }} />
        ))}
        {pauses.map(({ from, to }) => {
          const { left, width } = placeOn(span, from, to);
          return (
            <span
              key={from}
              className="gantt-pause"
              style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
            />
          );
        })}
      </span>
      <span />
    </div>
  );
}
