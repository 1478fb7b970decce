import { describe, expect, it } from 'vitest'
import { matches } from './matches'

describe('a search', () => {
  it('finds the beginnings of words first, then what is inside one, and no scattered letters', () => {
    expect(matches('Australia/Lord_Howe', 'lord')).toBe(1)
    expect(matches('Europe/London', 'lord')).toBe(0)
    expect(matches('add_to_cart', 'art')).toBe(0.5)
    expect(matches('America/New_York', 'york new')).toBe(1)
  })

  it('looks into keywords, and takes a name in parts', () => {
    expect(matches('view', 'screen_view', ['screen'])).toBe(1)
    expect(matches('view', 'screen view', ['screen'])).toBe(1)
    expect(matches('view', 'screen tap', ['screen'])).toBe(0)
  })

  it('for nothing finds everything', () => {
    expect(matches('view', ' ')).toBe(1)
  })
})
