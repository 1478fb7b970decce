import { formatNumber } from '@/shared/format/numbers'
import { cn } from '@/shared/ui/cn'
import { useCutEdges } from '@/shared/ui/cut-edges'
import { LineName } from './event-name'
import type { Line } from './series'

/** One button per series: shows or hides its line, and brings it forward while pointed at. Four rows are seen; where more follow, the last one fades. */
export function TrendLegend(props: { lines: readonly Line[]; onToggle: (key: string) => void; onFocus: (key: string | undefined) => void }) {
  const [list, cut] = useCutEdges<HTMLUListElement>()
  return (
    <ul
      ref={list}
      aria-label="Series"
      data-cut={cut}
      className="flex max-h-[8.375rem] snap-y snap-mandatory flex-wrap gap-x-1 gap-y-0.5 overflow-y-auto data-[cut~=bottom]:mask-b-from-[calc(100%-2rem)]"
    >
      {props.lines.map((line) => (
        <li key={line.key} className="max-w-full snap-start">
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
            <LineName line={line} className={cn(!line.shown && 'text-muted-foreground')} />
            <span className="text-muted-foreground tabular-nums">{formatNumber(line.total)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The line in small: filled when drawn, hollow when hidden, with the dash of the line. */
export function Swatch({ line }: { line: Line }) {
  return (
    <svg viewBox="0 0 18 10" className="h-2.5 w-4.5 shrink-0" aria-hidden>
      {line.shown ? (
        <line x1="1" x2="17" y1="5" y2="5" stroke={line.color} strokeWidth={line.dash ? 3 : 4} strokeDasharray={line.dash} strokeLinecap={line.dash ? 'butt' : 'round'} />
      ) : (
        <circle cx="9" cy="5" r="3.5" fill="none" stroke="var(--control)" strokeWidth="1.5" />
      )}
    </svg>
  )
}
