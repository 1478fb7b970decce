import { describe, expect, it } from 'vitest'
import { appsOf, damagesOf, eventLine, reasonsOf } from './dead-letter-words'
import type { Letter, LetterGroup } from './dead-letters.queries'

const group = (reason: string, app_id: string | undefined, open: number, last_at: string): LetterGroup => ({
  reason,
  ...(app_id ? { app_id } : {}),
  letters: open + 1,
  events: 10 * (open + 1),
  open_events: 10 * open,
  first_at: '2026-11-01T00:00:00Z',
  last_at,
  states: { open, replayed: 0, discarded: 1 },
})
const event = (fields: object) => fields as NonNullable<Letter['preview']>[number]

describe('reasons', () => {
  const groups = [group('broken', undefined, 1, '2026-11-03T00:00:00Z'), group('broken', 'shop', 2, '2026-11-04T00:00:00Z'), group('old', 'shop', 0, '2026-11-09T00:00:00Z'), group('refused', 'demo', 1, '2026-11-02T00:00:00Z')]

  it('take together the letters of all apps, what waits for a decision first, then the newest', () => {
    expect(reasonsOf(groups).map(({ reason }) => reason)).toEqual(['broken', 'refused', 'old'])
    expect(reasonsOf(groups)[0]).toEqual({
      reason: 'broken',
      letters: 5,
      events: 50,
      open_events: 30,
      first_at: '2026-11-01T00:00:00Z',
      last_at: '2026-11-04T00:00:00Z',
      states: { open: 3, replayed: 0, discarded: 2 },
      apps: [{ app_id: undefined, letters: 2 }, { app_id: 'shop', letters: 3 }],
    })
  })

  it('of an app count its letters only', () => {
    expect(reasonsOf(groups, 'shop').map(({ reason, letters }) => [reason, letters])).toEqual([['broken', 3], ['old', 1]])
    expect(appsOf(groups)).toEqual(['demo', 'shop'])
  })
})

describe('an event on a line', () => {
  it('begins with what tells it from others, and leaves out what is said beside', () => {
    expect(eventLine(event({ app_id: 'shop', timestamp_ms: 5, damage: 'UserId is not UTF-8', event_type: 'opened', payload: { n: 1 } }))).toBe(
      '{ "event_type": "opened", "payload": {"n":1}, "app_id": "shop", "timestamp_ms": 5 }',
    )
    expect(eventLine(event({ damage: 'all of it' }))).toBe('{}')
  })

  it('has its damage said once, however many share it', () => {
    expect(damagesOf([event({ damage: 'a' }), event({}), event({ damage: 'b' }), event({ damage: 'a' })])).toEqual(['a', 'b'])
  })
})
