import { formatNumber } from '@/shared/format/numbers'
import { cn } from '@/shared/ui/cn'
import type { Line } from './series'

/** One button per series: shows or hides its line, and brings it forward while pointed at. Its height ends in half a row, so that more is seen to follow. */
export function TrendLegend(props: { lines: readonly Line[]; onToggle: (key: string) => void; onFocus: (key: string | undefined) => void }) {
  return (
    <ul aria-label="Series" className="flex max-h-[7.4rem] flex-wrap gap-x-1 gap-y-0.5 overflow-y-auto">
      {props.lines.map((line) => (
        <li key={line.key} className="max-w-full">
          <button
            type="button"
            aria-pressed={line.shown}
            onClick={() => props.onToggle(line.key)}
            onPointerEnter={() => props.onFocus(line.shown ? line.key : undefined)}
            onPointerLeave={() => props.onFocus(undefined)}
            onFocus={() => props.onFocus(line.shown ? line.key : undefined)}
            onBlur={() => props.onFocus(undefined)}
            className="flex h-8 max-w-full items-center gap-2 rounded-md px-2 -outline-offset-2 hover:bg-muted"
          >
            <Swatch line={line} />
            <span className={cn('truncate', !line.shown && 'text-muted-foreground')}>{line.label}</span>
            <span className="text-muted-foreground tabular-nums">{formatNumber(line.total)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The line in small: filled when drawn, hollow when hidden, in two pieces when its dash is broken. */
export function Swatch({ line }: { line: Line }) {
  return (
    <svg viewBox="0 0 14 10" className="h-2.5 w-3.5 shrink-0" aria-hidden>
      {line.shown ? (
        <line x1="1" x2="13" y1="5" y2="5" stroke={line.color} strokeWidth={line.dash ? 3 : 4} strokeDasharray={line.dash ? '5 2' : undefined} strokeLinecap={line.dash ? 'butt' : 'round'} />
      ) : (
        <circle cx="7" cy="5" r="3.5" fill="none" stroke="var(--control)" strokeWidth="1.5" />
      )}
    </svg>
  )
}
