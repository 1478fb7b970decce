import { describe, expect, it } from 'vitest'
import { changesOf, conflictsOf, differing, draftOf, idOf, merged } from './app-draft'

const base = draftOf({
  id: 'shop',
  name: 'Shop',
  organization_id: 'o',
  time_zone: 'UTC',
  allowed_origins: ['https://a.example.com', 'https://b.example.com'],
  retention_days: null,
  ip_policy: 'hash',
  denied_properties: ['card*'],
  enrichment: true,
  version: 1,
  created_at: '2026-11-01T00:00:00Z',
})

describe('the draft of an app’s settings', () => {
  it('sends only what was changed, in the form of the API', () => {
    expect(changesOf(base, base)).toEqual({})
    expect(changesOf(base, { ...base, name: ' Web shop ', allowed_origins: ' https://a.example.com,\nhttps://c.example.com ', retention_days: '30' })).toEqual({
      name: 'Web shop',
      allowed_origins: ['https://a.example.com', 'https://c.example.com'],
      retention_days: 30,
    })
    expect(changesOf(base, { ...base, denied_properties: 'card*\n first name ,password\n', enrichment: 'off' })).toEqual({
      denied_properties: ['card*', 'first name', 'password'],
      enrichment: false,
    })
    expect(changesOf({ ...base, retention_days: '30' }, base)).toEqual({ retention_days: null })
  })

  it('does not take other spaces and line ends for a change', () => {
    expect(differing({ ...base, name: 'Shop ', allowed_origins: 'https://a.example.com\n\nhttps://b.example.com\n' }, base)).toEqual([])
  })

  it('conflicts where both changed a field, and not to the same', () => {
    const mine = { ...base, name: 'Mine', time_zone: 'Asia/Tokyo', ip_policy: 'drop' }
    const theirs = { ...base, name: 'Theirs', time_zone: 'Asia/Tokyo', retention_days: '90' }
    expect(conflictsOf(base, mine, theirs)).toEqual(['name'])
  })

  it('keeps mine where I changed it and did not give it up, and takes theirs everywhere else', () => {
    const mine = { ...base, name: 'Mine', ip_policy: 'drop' }
    const theirs = { ...base, name: 'Theirs', ip_policy: 'keep', retention_days: '90' }
    expect(merged(base, mine, theirs, new Set(['ip_policy']))).toEqual({ ...base, name: 'Mine', ip_policy: 'keep', retention_days: '90' })
  })

  it('makes an id of a name', () => {
    expect(idOf('  Größe & Web Shop! ')).toBe('gro-e-web-shop')
    expect(idOf('東京')).toBe('')
  })
})
