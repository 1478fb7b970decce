import { formatInstant } from '@/shared/format/dates'
import type { Interval } from './range'
import type { TrendSeries } from './trends.queries'

/** How many lines a chart draws before anybody chose. */
export const drawnAtFirst = 8

const colors = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `var(--series-${n})`)
/** For what a breakdown sums up as "(other)"; slate, the color nearest to it, is then left out. */
const gray = 'var(--control)'
const slate = 'var(--series-7)'
/** Where the colors are used up, they come again with another dash. Dots are for what still fills. */
const dashes = [undefined, '7 3', '9 3 3 3', '4 2']

/** The series that are drawn, where it was changed: all, or those with these keys; absent: the heaviest. */
export type Shown = 'all' | readonly string[] | undefined

/** A series as chart, legend and table show it. */
export interface Line {
  /** Names the series in the URL, whatever the order of the answer. */
  key: string
  label: string
  /** The parts of the label: absent where all lines have the same, and it goes without saying. */
  event: string | undefined
  category: string | undefined
  value: string | undefined
  color: string
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

/** Gives each series its label, its color and whether it is drawn. `categories` has those of the events whose name needs one. */
export function linesOf(series: readonly TrendSeries[], show: Shown, categories: ReadonlyMap<string, string> = new Map()): Line[] {
  const several = new Set(series.map((each) => each.event_type)).size > 1
  const heaviest = new Set(series.toSorted((a, b) => b.total - a.total).slice(0, drawnAtFirst))
  const styles = stylesOf(series, heaviest)
  return series.map((each) => {
    const key = keyOf(each)
    const value = each.breakdown ?? undefined
    const event = value === undefined || several ? each.event_type : undefined
    const category = event && categories.get(event)
    return {
      key,
      label: [event, category, value].filter((part) => part !== undefined).join(' · '),
      event,
      category,
      value,
      ...(styles.get(each) ?? { color: gray, dash: undefined }),
      total: each.total,
      values: each.points.map((point) => point.value),
      shown: show === undefined ? heaviest.has(each) : show === 'all' || show.includes(key),
    }
  })
}

const keyOf = ({ event_type, breakdown }: TrendSeries) => (breakdown == null ? event_type : `${event_type}~${breakdown}`)

/** Those drawn at first get the colors first, so that none of them shares one; which lines are switched on later changes no color. */
function stylesOf(series: readonly TrendSeries[], heaviest: ReadonlySet<TrendSeries>) {
  const isRest = (each: TrendSeries) => each.breakdown === '(other)'
  const ordered = [...series.filter((each) => heaviest.has(each)), ...series.filter((each) => !heaviest.has(each))]
  const palette = ordered.some(isRest) ? colors.filter((color) => color !== slate) : colors
  const styles = new Map<TrendSeries, { color: string; dash: string | undefined }>()
  const give = (each: TrendSeries, color: string | undefined, round: number) =>
    styles.set(each, { color: color ?? gray, dash: dashes[round % dashes.length] })
  ordered.filter(isRest).forEach((each, place) => give(each, gray, place))
  ordered.filter((each) => !isRest(each)).forEach((each, place) => give(each, palette[place % palette.length], Math.floor(place / palette.length)))
  return styles
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
