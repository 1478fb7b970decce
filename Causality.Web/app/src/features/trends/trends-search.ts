import { isDay, isZone } from '@/shared/format/dates'
import { isBreakdownColumn } from './breakdown-columns'
import { intervals, presets, type Interval, type Preset, type Range } from './range'
import type { Shown } from './series'

/** The most events that one chart compares. */
export const maxEvents = 10

/** The whole state of the Trends page, as its URL holds it. What is absent has a default. */
export interface TrendsSearch {
  app?: string
  /** Event types; absent: the app's most active ones; empty: none. */
  event?: string[]
  range?: Preset
  /** First and last day of a custom range, both included; given together. */
  from?: string
  to?: string
  /** Absent: chosen by the range. */
  interval?: Interval
  breakdown?: string
  tz?: string
  /** Whether all series are drawn; else `show` has the keys of those that are, where it was changed. Both absent: the heaviest. */
  draw?: 'all'
  show?: string[]
}

const many = (value: unknown) =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter((each): each is string => typeof each === 'string' && each !== '')

/** Reads the URL; what does not make sense in it is left out, so that an old or mistyped link still opens. */
export function validateTrendsSearch(raw: Record<string, unknown>): TrendsSearch {
  const text = (name: string) => many(raw[name])[0] ?? ''
  const when = (name: string, holds: (value: string) => boolean) => (holds(text(name)) ? text(name) : undefined)
  const [from, to] = [text('from'), text('to')]
  const days = isDay(from) && isDay(to) && from <= to
  // Every name is given, if only as undefined: the router lays this over the raw parameters, and what it does not name would come through unread.
  return {
    app: text('app') || undefined,
    event: raw.event === undefined ? undefined : [...new Set(many(raw.event))].slice(0, maxEvents),
    range: days ? undefined : presets.find((preset) => preset === text('range')),
    from: days ? from : undefined,
    to: days ? to : undefined,
    interval: intervals.find((name) => name === text('interval')),
    breakdown: when('breakdown', isBreakdownColumn),
    tz: when('tz', isZone),
    draw: text('draw') === 'all' ? ('all' as const) : undefined,
    show: raw.show === undefined ? undefined : many(raw.show),
  } satisfies Record<keyof TrendsSearch, unknown>
}

export const shownOf = (search: TrendsSearch): Shown => search.draw ?? search.show

/** The part of the URL that says which series are drawn. */
export const showing = (shown: Shown): Pick<TrendsSearch, 'draw' | 'show'> =>
  shown === 'all' ? { draw: 'all', show: undefined } : { draw: undefined, show: shown && [...shown] }

export const rangeOf = (search: TrendsSearch): Range =>
  search.from && search.to ? { from: search.from, to: search.to } : { preset: search.range ?? '30d' }
