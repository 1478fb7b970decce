import { CartesianGrid, Line as Drawn, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis, type DotItemDotProps, type TooltipContentProps } from 'recharts'
import { formatNumber, formatShort } from '@/shared/format/numbers'
import { LineName } from './event-name'
import type { Interval } from './range'
import { bucketLabel, tickLabel, tickPlaces, type Bucket, type Line } from './series'
import { Swatch } from './trend-legend'

/** A tooltip longer than this covers what it explains. */
const tooltipLines = 12

/** So few points are each marked. */
const fewBuckets = 10

interface Row extends Bucket {
  values: number[]
  /** Whether the line to this bucket, or from it, leads to one that still fills. */
  open: boolean
}

interface Props {
  lines: readonly Line[]
  buckets: readonly Bucket[]
  interval: Interval
  zone: string
  focused: string | undefined
}

/** The lines over time; what leads to a bucket that still fills is dotted. Arrow keys move the tooltip. */
export function TrendChart({ lines, buckets, interval, zone, focused }: Props) {
  const rows = buckets.map((bucket, index): Row => ({
    ...bucket,
    values: lines.map((line) => line.values[index] ?? 0),
    open: bucket.unfinished || (buckets[index + 1]?.unfinished ?? false),
  }))
  const ticks = tickPlaces(buckets, interval, zone)
  return (
    <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 300 }}>
      <LineChart data={rows} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} title="Events over time">
        <CartesianGrid vertical={false} stroke="var(--grid)" />
        <XAxis
          dataKey="at"
          {...(ticks ? { ticks } : {})}
          tickFormatter={(at: string) => tickLabel(at, interval, zone)}
          tick={{ fill: 'var(--muted-foreground)', fontSize: 12 }}
          axisLine={{ stroke: 'var(--border)' }}
          tickLine={false}
          tickMargin={8}
          minTickGap={28}
          interval="equidistantPreserveStart"
          padding={{ left: 8, right: 8 }}
        />
        <YAxis
          tickFormatter={formatShort}
          tick={{ fill: 'var(--muted-foreground)', fontSize: 12 }}
          axisLine={false}
          tickLine={false}
          allowDecimals={false}
          width={48}
          domain={[0, 'auto']}
          niceTicks="snap125"
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--control)', strokeDasharray: '3 3' }}
          content={(props) => <ChartTooltip {...props} lines={lines} interval={interval} zone={zone} />}
        />
        {lines.flatMap((line, index) => {
          if (!line.shown) return []
          const faded = focused !== undefined && focused !== line.key
          const common = {
            type: 'linear' as const,
            name: line.label,
            stroke: line.color,
            strokeWidth: focused === line.key ? 3 : 2,
            strokeOpacity: faded ? 0.2 : 1,
            isAnimationActive: false,
            activeDot: { r: 4, strokeWidth: 2, stroke: 'var(--surface)' },
          }
          return [
            <Drawn
              key={line.key}
              {...common}
              dataKey={(row: Row) => (row.unfinished ? null : row.values[index])}
              {...(line.dash ? { strokeDasharray: line.dash } : {})}
              dot={dotWhere((index) => rows.length <= fewBuckets || isAlone(line.values, index))}
            />,
            <Drawn
              key={`${line.key} unfinished`}
              {...common}
              dataKey={(row: Row) => (row.open ? row.values[index] : null)}
              strokeDasharray="2 4"
              dot={dotWhere((index) => rows[index]?.unfinished === true && index === rows.length - 1)}
              activeDot={false}
              tooltipType="none"
            />,
          ]
        })}
      </LineChart>
    </ResponsiveContainer>
  )
}

/** A count between zeros, or at the beginning before one: its line is a needle or nothing. */
const isAlone = (values: readonly number[], index: number) => !!values[index] && !values[index - 1] && !values[index + 1]

/** Draws a dot at the points that a rule names; where a line has no point there is none. */
const dotWhere = (holds: (index: number) => boolean) =>
  function Dot({ cx, cy, index, stroke, strokeOpacity }: DotItemDotProps) {
    return <g key={index}>{cy != null && holds(index) && <circle cx={cx} cy={cy} r={3} fill={stroke} fillOpacity={strokeOpacity} className="recharts-dot" />}</g>
  }

type TooltipProps = Pick<TooltipContentProps<number, string>, 'active' | 'payload'> & Pick<Props, 'lines' | 'interval' | 'zone'>

function ChartTooltip({ active, payload, lines, interval, zone }: TooltipProps) {
  const row = payload[0]?.payload as Row | undefined
  if (!active || !row) return null
  const values = lines
    .map((line, index) => ({ line, value: row.values[index] ?? 0 }))
    .filter(({ line }) => line.shown)
    .sort((a, b) => b.value - a.value)
  return (
    <div className="max-w-72 rounded-lg border border-border bg-raised px-3 py-2 shadow-lg shadow-black/10">
      <p className="font-medium">{bucketLabel(row.at, interval, zone)}</p>
      {row.unfinished && <p className="text-xs text-muted-foreground">still filling</p>}
      <ul className="mt-1.5 space-y-1">
        {values.slice(0, tooltipLines).map(({ line, value }) => (
          <li key={line.key} className="flex items-center gap-2">
            <Swatch line={line} />
            <LineName line={line} className="min-w-0 flex-1 text-muted-foreground" />
            <span className="pl-3 font-medium tabular-nums">{formatNumber(value)}</span>
          </li>
        ))}
      </ul>
      {values.length > tooltipLines && <p className="mt-1 text-xs text-muted-foreground">and {values.length - tooltipLines} more, in the table</p>}
    </div>
  )
}
