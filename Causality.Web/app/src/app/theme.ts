import { useState } from 'react'

export const themes = ['light', 'dark', 'system'] as const
export type Theme = (typeof themes)[number]

/** public/theme.js reads the same key before the first paint. */
const key = 'causality.theme'

function remembered(): Theme {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

/** The chosen theme; "system" is the absence of a choice, which CSS follows by itself. */
export function useTheme() {
  const [theme, setTheme] = useState(remembered)
  const choose = (next: Theme) => {
    setTheme(next)
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
    try {
      if (next === 'system') localStorage.removeItem(key)
      else localStorage.setItem(key, next)
    } catch {
      // storage may be forbidden: the choice then lasts as long as the page
    }
  }
  return [theme, choose] as const
}
