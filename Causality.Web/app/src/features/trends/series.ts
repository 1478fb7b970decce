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

/** A tick of the time axis: hours by the clock, with the day at midnight. */
export function tickLabel(at: string, interval: Interval, zone: string) {
  const instant = new Date(at)
  if (interval === 'month') return formatInstant(instant, zone, { month: 'short', year: '2-digit' })
  const clock = formatInstant(instant, zone, { hour: '2-digit', minute: '2-digit' })
  if (interval === 'hour' && clock !== '00:00') return clock
  return formatInstant(instant, zone, { month: 'short', day: 'numeric' })
}
