import { isDay } from '@/shared/format/dates'

/** What the audit page is narrowed to, as its URL holds it. */
export interface AuditSearch {
  organization?: string | undefined
  actor?: string | undefined
  action?: string | undefined
  q?: string | undefined
  /** First and last day, both included, in the reader's time zone. */
  from?: string | undefined
  to?: string | undefined
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
const day = (value: unknown) => (typeof value === 'string' && isDay(value) ? value : undefined)

/** Reads the URL; what does not make sense in it is left out. */
export const validateAuditSearch = (raw: Record<string, unknown>): AuditSearch => ({
  organization: text(raw.organization),
  actor: text(raw.actor),
  action: text(raw.action),
  q: text(raw.q),
  from: day(raw.from),
  to: day(raw.to),
})

export const isNarrowed = ({ actor, action, q, from, to }: AuditSearch) => [actor, action, q, from, to].some((part) => part !== undefined)

/** The API's filters: days become the instants at which they begin here, the last one included. */
export function filtersOf({ actor, action, q, from, to }: AuditSearch) {
  const start = (of: string, plusDays: number) => {
    const at = new Date(`${of}T00:00:00`)
    at.setDate(at.getDate() + plusDays)
    return at.toISOString()
  }
  return {
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(q ? { q } : {}),
    ...(from ? { from: start(from, 0) } : {}),
    ...(to ? { to: start(to, 1) } : {}),
  }
}
