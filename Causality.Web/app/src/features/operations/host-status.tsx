import { formatBytes, formatCount, formatDuration, formatNumber } from '@/shared/format/numbers'
import { Badge } from '@/shared/ui/badge'
import { cn } from '@/shared/ui/cn'
import { formatFigure } from './figures'
import type { Host } from './operations.queries'

type FiguresOf = Host['status'][string]

/** In the order in which an event meets them; what a later version tells comes after them, the process last. */
const order = ['spool', 'queue', 'sink']
const rank = (module: string) => (module === 'process' ? order.length + 1 : order.includes(module) ? order.indexOf(module) : order.length)

/** How a host is, module by module. */
export function HostStatus({ host }: { host: Host }) {
  return (
    <dl className="grid content-start gap-x-4 gap-y-1.5 @xl:grid-cols-[6rem_minmax(0,1fr)]">
      {Object.entries(host.status)
        .toSorted(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
        .map(([module, figures]) => (
          <div key={module} className="contents">
            <dt className="text-muted-foreground first-letter:uppercase @max-xl:-mb-1.5">{module}</dt>
            <dd className="min-w-0 tabular-nums">
              {module === 'spool' ? <Spool figures={figures} host={host.name} /> : module === 'sink' ? <Sink figures={figures} /> : <Figures figures={figures} />}
            </dd>
          </div>
        ))}
    </dl>
  )
}

function Figures({ figures }: { figures: FiguresOf }) {
  return (
    <ul className="flex flex-wrap gap-x-4">
      {Object.entries(figures).map(([name, value]) => {
        const { label, text } = formatFigure(name, value)
        return (
          <li key={name}>
            <span className="text-muted-foreground">{label}</span> {text}
          </li>
        )
      })}
    </ul>
  )
}

/** What waits on this host's disk for the broker: how much, since when, and how much room is left for more. */
function Spool({ figures, host }: { figures: FiguresOf; host: string }) {
  const { bytes = 0, events = 0, full_bytes: full = 0, oldest_age_seconds: oldest = 0 } = figures
  const room = full > 0 ? formatBytes(full) : undefined
  if (events === 0 && bytes === 0) return <p>Empty{room && <span className="text-muted-foreground">, with room for {room}</span>}</p>
  const percent = full > 0 ? Math.min(100, (bytes / full) * 100) : 0
  const level = percent >= 100 ? 'danger' : percent >= 80 ? 'warning' : undefined
  return (
    <div className="space-y-1">
      <p className="flex flex-wrap items-center gap-x-1">
        {formatCount(events, 'event')}
        <span className="text-muted-foreground">{events === 1 ? 'waits' : 'wait'} for the broker, the oldest for {formatDuration(oldest)}</span>
        {level && <Badge tone={level}>{level === 'danger' ? 'Full' : 'Nearly full'}</Badge>}
      </p>
      {room && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <div
            role="meter"
            aria-label={`Spool of ${host}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(percent)}
            aria-valuetext={`${formatNumber(percent)} % full`}
            className="h-1.5 w-40 max-w-full overflow-hidden rounded-full bg-border"
          >
            <div className={cn('h-full min-w-0.5 rounded-full', level === 'danger' ? 'bg-danger' : level === 'warning' ? 'bg-warning' : 'bg-primary')} style={{ width: `${percent}%` }} />
          </div>
          <span>
            {formatBytes(bytes)} <span className="text-muted-foreground">of {room}, {percent > 0 && percent < 0.1 ? 'under 0.1' : formatNumber(percent)} %</span>
          </span>
        </div>
      )}
    </div>
  )
}

/** What the sink has taken and not stored yet, and whether it can. */
function Sink({ figures }: { figures: FiguresOf }) {
  const { messages_held: held = 0, flush_failing: failing = 0, last_flush_age_seconds: age } = figures
  return (
    <p className="flex flex-wrap items-center gap-x-1">
      {formatCount(held, 'message')}
      <span className="text-muted-foreground">held, {age === undefined ? 'nothing stored yet' : `last stored ${formatDuration(age)} ago`}</span>
      {failing > 0 && <Badge tone="danger">Cannot store</Badge>}
    </p>
  )
}
