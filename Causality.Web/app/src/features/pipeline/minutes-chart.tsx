import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis, type TooltipContentProps } from 'recharts'
import { formatInstant } from '@/shared/format/dates'
import { formatCount, formatDuration, formatShort } from '@/shared/format/numbers'
import { Panel } from '@/shared/ui/page'
import type { Flow } from './pipeline.queries'

const minute = 60_000
const minutes = 60

interface Row {
  at: number
  stored: number
  p50: number | null
  p95: number | null
}

/** Every minute of the last hour, those without events too. */
export function rowsOf(flow: Flow): Row[] {
  const last = Math.floor(Date.parse(flow.as_of) / minute) * minute
  const known = new Map(flow.minutes.map((each) => [Date.parse(each.at), each]))
  return Array.from({ length: minutes }, (_, index) => {
    const at = last - (minutes - 1 - index) * minute
    const found = known.get(at)
    return { at, stored: found?.stored ?? 0, p50: found?.p50_seconds ?? null, p95: found?.p95_seconds ?? null }
  })
}

/** Stored events as bars; the time to freshness as lines over them. */
export function MinutesChart({ flow, zone }: { flow: Flow; zone: string }) {
  const rows = rowsOf(flow)
  const label = (at: number) => formatInstant(new Date(at), zone, { hour: '2-digit', minute: '2-digit' })
  const tick = { fill: 'var(--muted-foreground)', fontSize: 12 }
  return (
    <Panel className="p-4">
      {flow.minutes.length === 0 && (
        <p role="status" className="pb-3 text-muted-foreground">
          Nothing was stored in the last hour.
        </p>
      )}
      <div className="h-56">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 224 }}>
          <ComposedChart data={rows} margin={{ top: 8, right: 0, bottom: 0, left: 0 }} title="Stored events and freshness, minute by minute">
            <CartesianGrid vertical={false} stroke="var(--grid)" />
            <XAxis dataKey="at" tickFormatter={label} tick={tick} axisLine={{ stroke: 'var(--border)' }} tickLine={false} tickMargin={8} minTickGap={40} />
            <YAxis yAxisId="stored" tickFormatter={formatShort} tick={tick} axisLine={false} tickLine={false} allowDecimals={false} width={48} />
            <YAxis yAxisId="seconds" orientation="right" tickFormatter={(value: number) => formatDuration(value)} tick={tick} axisLine={false} tickLine={false} width={48} />
            <Tooltip isAnimationActive={false} cursor={{ fill: 'var(--muted)' }} content={(props) => <MinuteTooltip {...props} label={label} />} />
            <Bar yAxisId="stored" dataKey="stored" fill="var(--series-1)" isAnimationActive={false} />
            <Line yAxisId="seconds" dataKey="p95" stroke="var(--series-2)" strokeWidth={2} dot={{ r: 1.5, fill: 'var(--series-2)', strokeWidth: 0 }} connectNulls={false} isAnimationActive={false} />
            <Line yAxisId="seconds" dataKey="p50" stroke="var(--series-2)" strokeWidth={2} strokeDasharray="2 4" dot={{ r: 1.5, fill: 'var(--series-2)', strokeWidth: 0 }} connectNulls={false} isAnimationActive={false} />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-xs text-muted-foreground">
        <Key className="h-2.5 w-2.5 rounded-xs bg-[var(--series-1)]">Events stored, left</Key>
        <Key className="w-4 border-t-2 border-[var(--series-2)]">Seconds until 95 % were stored, right</Key>
        <Key className="w-4 border-t-2 border-dotted border-[var(--series-2)]">Seconds until half were</Key>
      </ul>
    </Panel>
  )
}

const Key = ({ className, children }: { className: string; children: string }) => (
  <li className="flex items-center gap-2">
    <span aria-hidden className={className} />
    {children}
  </li>
)

function MinuteTooltip({ active, payload, label }: Pick<TooltipContentProps<number, string>, 'active' | 'payload'> & { label: (at: number) => string }) {
  const row = payload[0]?.payload as Row | undefined
  if (!active || !row) return null
  return (
    <div className="rounded-lg border border-border bg-raised px-3 py-2 text-xs shadow-lg">
      <p className="font-medium">{label(row.at)}</p>
      <p className="tabular-nums">{formatCount(row.stored, 'event')} stored</p>
      {row.p95 !== null && <p className="tabular-nums">95 % within {formatDuration(row.p95)}</p>}
      {row.p50 !== null && <p className="tabular-nums">half within {formatDuration(row.p50)}</p>}
    </div>
  )
}
