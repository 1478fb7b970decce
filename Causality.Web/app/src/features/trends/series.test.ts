import { describe, expect, it } from 'vitest'
import { begun, bucketLabel, linesOf, tickLabel, tickPlaces } from './series'

const series = (event_type: string, breakdown?: string) => ({ event_type, ...(breakdown ? { breakdown } : {}), total: 1, points: [{ at: '2026-11-21T00:00:00Z', value: 1 }] })
const now = new Date('2026-11-21T12:00:00Z')

describe('a series', () => {
  it('is called by its event, its value, or both where both differ', () => {
    expect(linesOf([series('a'), series('b')], undefined).map((line) => line.label)).toEqual(['a', 'b'])
    expect(linesOf([series('a', 'ios'), series('a', 'web')], undefined).map((line) => line.label)).toEqual(['ios', 'web'])
    expect(linesOf([series('a', 'ios'), series('b', 'ios')], undefined).map((line) => line.label)).toEqual(['a · ios', 'b · ios'])
  })

  it('past the eighth has a broken line and is not drawn at first', () => {
    const lines = linesOf(Array.from('abcdefghi', (name) => series(name)), undefined)
    expect(lines.map((line) => line.shown)).toEqual([...Array<boolean>(8).fill(true), false])
    expect(lines[8]).toMatchObject({ color: lines[0]?.color, dash: '7 3' })
  })
})

describe('many series', () => {
  const weighing = (total: number, breakdown?: string) => ({ ...series('a', breakdown), total })

  it('are drawn from the heaviest on, whatever their order, "(other)" and "(none)" like any', () => {
    const given = [weighing(1, 'x'), ...[5, 6, 7, 8, 9, 10].map((total) => weighing(total, `v${total}`)), weighing(1352, '(other)'), weighing(40, '(none)')]
    expect(linesOf(given, undefined).filter((line) => !line.shown).map((line) => line.value)).toEqual(['x'])
    expect(linesOf(given, 'all').every((line) => line.shown)).toBe(true)
  })

  it('look different from each other, and gray is only what is summed up', () => {
    const given = [...Array.from('abcdefghijklmnopqrst', (name, place) => weighing(place, name)), weighing(3, '(other)')]
    const lines = linesOf(given, undefined)
    expect(new Set(lines.map((line) => `${line.color} ${line.dash}`)).size).toBe(lines.length)
    expect(new Set(lines.filter((line) => line.shown).map((line) => line.color)).size).toBe(7)
    expect(lines.filter((line) => line.color === 'var(--control)').map((line) => line.value)).toEqual(['(other)'])
    expect(lines.some((line) => line.color === 'var(--series-7)')).toBe(false)
  })
})

describe('a bucket', () => {
  it('that has not begun is left out, unless something is in it already', () => {
    const filled = (...values: number[]) => ({
      event_type: 'a',
      total: 0,
      points: values.map((value, hour) => ({ at: `2026-11-21T0${hour}:00:00Z`, value, unfinished: hour > 0 })),
    })
    expect(begun([filled(1, 0, 0, 0)])[0]?.points).toHaveLength(2)
    expect(begun([filled(1, 0, 0, 0), filled(0, 0, 3, 0)]).map((each) => each.points.length)).toEqual([3, 3])
    const finished = [{ ...filled(0), points: [{ at: '2026-11-20T00:00:00Z', value: 0 }] }]
    expect(begun(finished)).toBe(finished)
  })

  it('is named in the zone of the question', () => {
    expect(bucketLabel('2026-11-20T23:00:00Z', 'day', 'Europe/Berlin', now)).toBe('Sat, Nov 21')
    expect(bucketLabel('2026-11-16T00:00:00Z', 'week', 'UTC', now)).toBe('Week of Nov 16')
    expect(bucketLabel('2026-11-01T00:00:00Z', 'month', 'UTC', now)).toBe('November 2026')
    expect(bucketLabel('2025-12-31T00:00:00Z', 'day', 'UTC', now)).toBe('Wed, Dec 31, 2025')
  })

  it('of a long axis is marked at midnights, or on Mondays, of the zone', () => {
    const every = (hours: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ at: new Date(Date.UTC(2026, 10, 1, 23) + n * hours * 3_600_000).toISOString(), unfinished: false }))
    expect(tickPlaces(every(1, 49), 'hour', 'Europe/Berlin')).toEqual(['2026-11-01T23:00:00.000Z', '2026-11-02T23:00:00.000Z', '2026-11-03T23:00:00.000Z'])
    expect(tickPlaces(every(24, 46), 'day', 'Europe/Berlin')?.slice(0, 2)).toEqual(['2026-11-01T23:00:00.000Z', '2026-11-08T23:00:00.000Z'])
    expect(tickPlaces(every(24, 30), 'day', 'Europe/Berlin')).toBeUndefined()
  })

  it('of an hour is marked on the axis by the clock, and by the day at midnight', () => {
    expect(tickLabel('2026-11-21T13:00:00Z', 'hour', 'UTC')).toBe('13:00')
    expect(tickLabel('2026-11-21T00:00:00Z', 'hour', 'UTC')).toBe('Nov 21')
  })
})
