import { describe, expect, it } from 'vitest'
import { parseSearch, stringifySearch } from '@/shared/format/search-params'
import { rangeOf, validateTrendsSearch } from './trends-search'

describe('the URL of the Trends page', () => {
  it('leaves out what makes no sense, so that an old link still opens', () => {
    const search = validateTrendsSearch({ range: '5y', interval: 'minute', breakdown: 'password', tz: 'Mars/Olympus', from: '2026-02-30x', to: '' })
    expect(JSON.parse(JSON.stringify(search))).toEqual({})
    expect(rangeOf(search)).toEqual({ preset: '30d' })
  })

  it('takes at most ten different events', () => {
    const events = ['a', ...Array.from('abcdefghijklm')]
    expect(validateTrendsSearch({ event: events }).event).toEqual(Array.from('abcdefghij'))
  })

  it('tells no events from the default ones', () => {
    expect(validateTrendsSearch({}).event).toBeUndefined()
    expect(validateTrendsSearch({ event: '' }).event).toEqual([])
  })

  it.each([
    [{ event: ['a', 'b'], tz: 'Europe/Berlin' }],
    [{ event: [] }],
    [{ event: ['Größe & "x", y=z'] }],
  ])('survives being written and read: %j', (search) => {
    expect(validateTrendsSearch(parseSearch(stringifySearch(search)))).toEqual({ ...search, range: undefined })
  })
})
