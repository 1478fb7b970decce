import { describe, expect, it } from 'vitest'
import { autoInterval, boundsOf, effectiveInterval, includesNow, refusal, refusals } from './range'

const now = new Date('2026-11-21T22:40:00Z')

describe('a range', () => {
  it('of 24 hours ends with the running hour', () => {
    expect(boundsOf({ preset: '24h' }, 'hour', 'UTC', now)).toEqual({ from: '2026-11-20T23:00:00.000Z', to: '2026-11-21T23:00:00.000Z' })
  })

  it('of 24 hours keeps to the hours of a zone that is half an hour off', () => {
    expect(boundsOf({ preset: '24h' }, 'hour', 'Asia/Kolkata', now)).toEqual({ from: '2026-11-20T23:30:00.000Z', to: '2026-11-21T23:30:00.000Z' })
  })

  it('of 7 days ends with today, where today is', () => {
    expect(boundsOf({ preset: '7d' }, 'day', 'UTC', now)).toEqual({ from: '2026-11-15', to: '2026-11-22' })
    expect(boundsOf({ preset: '7d' }, 'day', 'Asia/Tokyo', now)).toEqual({ from: '2026-11-16', to: '2026-11-23' })
  })

  it('begins with a whole week or month, so that the first bucket is not cut', () => {
    expect(boundsOf({ preset: '30d' }, 'week', 'UTC', now).from).toBe('2026-10-19')
    expect(boundsOf({ preset: '90d' }, 'month', 'UTC', now).from).toBe('2026-08-01')
  })

  it('of given days includes the last', () => {
    expect(boundsOf({ from: '2026-02-01', to: '2026-02-28' }, 'day', 'UTC', now)).toEqual({ from: '2026-02-01', to: '2026-03-01' })
  })

  it('includes now when it is relative or ends today or later', () => {
    expect(includesNow({ preset: '7d' }, 'UTC', now)).toBe(true)
    expect(includesNow({ from: '2026-11-01', to: '2026-11-21' }, 'UTC', now)).toBe(true)
    expect(includesNow({ from: '2026-11-01', to: '2026-11-21' }, 'Asia/Tokyo', now)).toBe(false)
  })

  it.each([
    ['2026-11-21', '2026-11-21', 'hour'],
    ['2026-11-01', '2026-11-21', 'day'],
    ['2026-01-01', '2026-11-21', 'week'],
    ['2020-01-01', '2026-11-21', 'month'],
  ] as const)('from %s to %s is shown by the %s', (from, to, interval) => {
    expect(autoInterval({ from, to })).toBe(interval)
  })

  it('gives up a granularity that it cannot show', () => {
    expect(refusal('month', { preset: '7d' })).toBe('The range is shorter than a month.')
    expect(refusals({ preset: '24h' })).toBe('The range is shorter than a week.')
    expect(refusals({ from: '2020-01-01', to: '2026-11-21' })).toBe('Too many days to read; choose at most 1100 days.')
    expect(refusals({ preset: '30d' })).toBeUndefined()
    expect(effectiveInterval('month', { preset: '7d' })).toBe('day')
    expect(effectiveInterval('hour', { preset: '7d' })).toBe('hour')
  })
})
