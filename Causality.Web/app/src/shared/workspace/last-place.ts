import { useSyncExternalStore } from 'react'

const key = 'causality.place'

/** Where one was last: the organization, and in each organization the app. */
export interface Place {
  organization?: string
  apps: Record<string, string>
}

// what is chosen counts even where storage is forbidden; then until the page is left
let memory: string | undefined
const listeners = new Set<() => void>()

function stored(): string {
  if (memory !== undefined) return memory
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function read(text: string): Place {
  try {
    const kept = JSON.parse(text || '{}') as Partial<Place> | null
    return {
      ...(typeof kept?.organization === 'string' ? { organization: kept.organization } : {}),
      apps: typeof kept?.apps === 'object' ? kept.apps : {},
    }
  } catch {
    // another version wrote it
    return { apps: {} }
  }
}

export function rememberPlace(organization: string, app: string | undefined) {
  const before = stored()
  const { apps } = read(before)
  const text = JSON.stringify({ organization, apps: app === undefined ? apps : { ...apps, [organization]: app } })
  if (text === before) return
  try {
    localStorage.setItem(key, text)
  } catch {
    memory = text
  }
  listeners.forEach((listener) => listener())
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The last place; follows `rememberPlace`. */
export function useLastPlace(): Place {
  return read(useSyncExternalStore(subscribe, stored))
}
