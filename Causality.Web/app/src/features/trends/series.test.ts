import { describe, expect, it } from 'vitest'
import { bucketLabel, linesOf, tickLabel } from './series'

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

describe('a bucket', () => {
  it('is named in the zone of the question', () => {
    expect(bucketLabel('2026-11-20T23:00:00Z', 'day', 'Europe/Berlin', now)).toBe('Sat, Nov 21')
    expect(bucketLabel('2026-11-16T00:00:00Z', 'week', 'UTC', now)).toBe('Week of Nov 16')
    expect(bucketLabel('2026-11-01T00:00:00Z', 'month', 'UTC', now)).toBe('November 2026')
    expect(bucketLabel('2025-12-31T00:00:00Z', 'day', 'UTC', now)).toBe('Wed, Dec 31, 2025')
  })

  it('of an hour is marked on the axis by the clock, and by the day at midnight', () => {
    expect(tickLabel('2026-11-21T13:00:00Z', 'hour', 'UTC')).toBe('13:00')
    expect(tickLabel('2026-11-21T00:00:00Z', 'hour', 'UTC')).toBe('Nov 21')
  })
})
