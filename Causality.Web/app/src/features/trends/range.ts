import { addDays, dayOf, daysBetween, hourOf, monthOf, weekOf, type Day } from '@/shared/format/dates'

export const presets = ['24h', '7d', '30d', '90d'] as const
export type Preset = (typeof presets)[number]

/** A range that moves with the clock, or two calendar days, both included. */
export type Range = { preset: Preset } | { from: Day; to: Day }

export const intervals = ['hour', 'day', 'week', 'month'] as const
export type Interval = (typeof intervals)[number]

const presetDays: Record<Preset, number> = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 }

export const presetLabels: Record<Preset, string> = { '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days', '90d': 'Last 90 days' }

export const daysOf = (range: Range) => ('preset' in range ? presetDays[range.preset] : daysBetween(range.from, range.to) + 1)

/** The longest and shortest range, in days, at which an interval still makes a readable chart. */
const limits: Record<Interval, { atLeast: number; atMost: number }> = {
  hour: { atLeast: 0, atMost: 31 },
  day: { atLeast: 1, atMost: 1100 },
  week: { atLeast: 7, atMost: 7700 },
  month: { atLeast: 28, atMost: 36_500 },
}

/** Why an interval cannot be had for a range; undefined when it can. */
export function refusal(interval: Interval, range: Range): string | undefined {
  const days = daysOf(range)
  if (days < limits[interval].atLeast) return `The range is shorter than a ${interval}.`
  if (days > limits[interval].atMost) return `Too many ${interval}s to read; choose at most ${limits[interval].atMost} days.`
  return undefined
}

/** Why some intervals cannot be had for a range, in one line; a range shorter than a week is shorter than a month, too. */
export function refusals(range: Range): string | undefined {
  const days = daysOf(range)
  const short = intervals.find((interval) => days < limits[interval].atLeast)
  const long = intervals.findLast((interval) => days > limits[interval].atMost)
  return [short, long].flatMap((interval) => (interval && refusal(interval, range)) ?? []).join(' ') || undefined
}

/** The interval that shows a range in some 24 to 92 points. */
export function autoInterval(range: Range): Interval {
  const days = daysOf(range)
  if (days <= 2) return 'hour'
  if (days <= 92) return 'day'
  return days <= 550 ? 'week' : 'month'
}

/** The chosen interval where the range allows it, else the automatic one. */
export const effectiveInterval = (chosen: Interval | undefined, range: Range): Interval =>
  chosen && !refusal(chosen, range) ? chosen : autoInterval(range)

export const includesNow = (range: Range, zone: string, now: Date) => 'preset' in range || range.to >= dayOf(now, zone)

/**
 * What the API is asked: `to` is excluded. A preset begins where its first bucket begins,
 * so that no chart opens with a bucket that was cut in half; two given days are taken as given.
 */
export function boundsOf(range: Range, interval: Interval, zone: string, now: Date): { from: string; to: string } {
  if (!('preset' in range)) return { from: range.from, to: addDays(range.to, 1) }
  if (range.preset === '24h' && interval === 'hour') {
    const hour = hourOf(now, zone).getTime()
    return { from: new Date(hour - 23 * 3_600_000).toISOString(), to: new Date(hour + 3_600_000).toISOString() }
  }
  const today = dayOf(now, zone)
  const from = addDays(today, 1 - presetDays[range.preset])
  const start = { hour: from, day: from, week: weekOf(from), month: monthOf(from) }[interval]
  return { from: start, to: addDays(today, 1) }
}
