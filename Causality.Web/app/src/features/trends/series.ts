import { formatInstant } from '@/shared/format/dates'
import type { Interval } from './range'
import type { TrendSeries } from './trends.queries'

/** How many lines a chart shows before anybody chose: as many as there are colors. */
const colors = 8

/** A series as chart, legend and table show it. */
export interface Line {
  /** Names the series in the URL, whatever the order of the answer. */
  key: string
  label: string
  color: string
  /** Past the eighth series the colors come again, with a broken line. */
  dash: string | undefined
  total: number
  values: number[]
  shown: boolean
}

/** A bucket of time; `at` is where it begins. */
export interface Bucket {
  at: string
  unfinished: boolean
}

/** Gives each series its label, color and place; `show` has the keys of those that are drawn, absent the first eight. */
export function linesOf(series: readonly TrendSeries[], show: readonly string[] | undefined): Line[] {
  const events = new Set(series.map((each) => each.event_type))
  return series.map((each, index) => {
    const { event_type: event, breakdown } = each
    const key = breakdown == null ? event : `${event}~${breakdown}`
    const byValue = events.size > 1 ? `${event} · ${breakdown}` : breakdown
    return {
      key,
      label: (breakdown == null ? event : byValue) ?? event,
      color: `var(--series-${(index % colors) + 1})`,
      dash: index < colors ? undefined : '7 3',
      total: each.total,
      values: each.points.map((point) => point.value),
      shown: show ? show.includes(key) : index < colors,
    }
  })
}

/** Leaves out the buckets that have not begun: those after the first that still fills, unless something is in them already. */
export function begun(series: readonly TrendSeries[]): readonly TrendSeries[] {
  const points = series[0]?.points ?? []
  const filling = points.findIndex((point) => point.unfinished)
  if (filling < 0) return series
  let end = points.length
  while (end > filling + 1 && series.every((each) => each.points[end - 1]?.value === 0)) end--
  return series.map((each) => ({ ...each, points: each.points.slice(0, end) }))
}

export const bucketsOf = (series: readonly TrendSeries[]): Bucket[] =>
  (series[0]?.points ?? []).map((point) => ({ at: point.at, unfinished: point.unfinished ?? false }))

/** The drawn keys after one is switched on or off. */
export const toggled = (lines: readonly Line[], key: string) =>
  lines.filter((line) => (line.key === key ? !line.shown : line.shown)).map((line) => line.key)

const full: Record<Interval, Intl.DateTimeFormatOptions> = {
  hour: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', month: 'short', day: 'numeric' },
  week: { month: 'short', day: 'numeric' },
  month: { month: 'long', year: 'numeric' },
}

/** "Sat, Nov 21", "Week of Nov 16", "November 2026": the year only where it is not this one. */
export function bucketLabel(at: string, interval: Interval, zone: string, now = new Date()) {
  const instant = new Date(at)
  const year = { year: 'numeric' } as const
  const otherYear = formatInstant(instant, zone, year) !== formatInstant(now, zone, year)
  const text = formatInstant(instant, zone, { ...full[interval], ...(otherYear ? year : {}) })
  return interval === 'week' ? `Week of ${text}` : text
}

/** Where a long time axis may have ticks: at midnights when it counts hours, on Mondays when it counts days. Absent: anywhere. */
export function tickPlaces(buckets: readonly Bucket[], interval: Interval, zone: string): string[] | undefined {
  const starts = (at: string) => {
    const instant = new Date(at)
    return interval === 'hour'
      ? formatInstant(instant, zone, { hour: '2-digit' }) === '00'
      : formatInstant(instant, zone, { weekday: 'short' }) === 'Mon'
  }
  const long = (interval === 'hour' && buckets.length > 48) || (interval === 'day' && buckets.length > 45)
  return long ? buckets.map((bucket) => bucket.at).filter(starts) : undefined
}

/** A tick of the time axis: hours by the clock, with the day at midnight. */
export function tickLabel(at: string, interval: Interval, zone: string) {
  const instant = new Date(at)
  if (interval === 'month') return formatInstant(instant, zone, { month: 'short', year: '2-digit' })
  const clock = formatInstant(instant, zone, { hour: '2-digit', minute: '2-digit' })
  if (interval === 'hour' && clock !== '00:00') return clock
  return formatInstant(instant, zone, { month: 'short', day: 'numeric' })
}
