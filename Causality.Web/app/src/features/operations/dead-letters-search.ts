/** Where one is among the dead letters, as the URL holds it: all reasons; the letters of one; a letter. */
export interface DeadLettersSearch {
  /** Those of this app only. Not `app`, which names the app that is open everywhere. */
  app_id?: string | undefined
  reason?: string | undefined
  /** Absent: open. */
  state?: 'replayed' | 'discarded' | undefined
  /** The id of the letter that is read. */
  letter?: string | undefined
}

export interface DeadLettersProps {
  search: DeadLettersSearch
  onSearch: (search: DeadLettersSearch) => void
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/** Reads the URL; what does not make sense in it is left out. */
export const validateDeadLettersSearch = (raw: Record<string, unknown>): DeadLettersSearch => ({
  app_id: text(raw.app_id),
  reason: text(raw.reason),
  state: raw.state === 'replayed' || raw.state === 'discarded' ? raw.state : undefined,
  letter: text(raw.letter),
})
