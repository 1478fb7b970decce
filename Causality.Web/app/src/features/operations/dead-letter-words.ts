import { browserZone, formatInstant } from '@/shared/format/dates'
import type { Letter, LetterGroup } from './dead-letters.queries'

/** All letters with a reason, whosever they are. */
export interface Reason extends Omit<LetterGroup, 'app_id'> {
  /** Whose they are, and how many; the first without a name: of several apps, or nobody's. */
  apps: { app_id: string | undefined; letters: number }[]
}

/** The host groups by reason and app; people first ask what is wrong, then with whom. What waits for a decision comes first, then the newest. */
export function reasonsOf(groups: readonly LetterGroup[], app?: string): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const { app_id, ...group } of groups) {
    if (app !== undefined && app_id !== app) continue
    const known = reasons.get(group.reason)
    const apps = [...(known?.apps ?? []), { app_id: app_id ?? undefined, letters: group.letters }].toSorted((a, b) => (a.app_id ?? '').localeCompare(b.app_id ?? ''))
    reasons.set(group.reason, known ? { ...sum(known, group), apps } : { ...group, apps })
  }
  return [...reasons.values()].toSorted((a, b) => Number(b.states.open > 0) - Number(a.states.open > 0) || Date.parse(b.last_at) - Date.parse(a.last_at))
}

const sum = (a: Omit<LetterGroup, 'app_id'>, b: Omit<LetterGroup, 'app_id'>) => ({
  reason: a.reason,
  letters: a.letters + b.letters,
  events: a.events + b.events,
  open_events: a.open_events + b.open_events,
  first_at: Date.parse(a.first_at) < Date.parse(b.first_at) ? a.first_at : b.first_at,
  last_at: Date.parse(a.last_at) > Date.parse(b.last_at) ? a.last_at : b.last_at,
  states: { open: a.states.open + b.states.open, replayed: a.states.replayed + b.states.replayed, discarded: a.states.discarded + b.states.discarded },
})

export const appsOf = (groups: readonly LetterGroup[]) => [...new Set(groups.flatMap(({ app_id }) => app_id ?? []))].toSorted((a, b) => a.localeCompare(b))

export const letterStates: Record<string, { label: string; tone: 'neutral' | 'accent' | 'warning' }> = {
  open: { label: 'Open', tone: 'warning' },
  replayed: { label: 'Replayed', tone: 'accent' },
  discarded: { label: 'Discarded', tone: 'neutral' },
}

/** When a letter died, to the second: many may in a minute. */
export const letterMoment = (at: string) => formatInstant(new Date(at), browserZone(), { dateStyle: 'medium', timeStyle: 'medium' })

type Event = NonNullable<Letter['preview']>[number]

/** What tells an event from others, before what all of them have. */
const telling = ['event_type', 'payload', 'text', 'hex', 'user_id', 'device_id', 'app_id']

/** An event on a line, without what is wrong with it, which stands beside. */
export function eventLine(event: Event): string {
  const rank = (name: string) => (telling.includes(name) ? telling.indexOf(name) : telling.length)
  const fields = Object.entries<unknown>(event)
    .filter(([name]) => name !== 'damage')
    .toSorted(([a], [b]) => rank(a) - rank(b))
  return fields.length === 0 ? '{}' : `{ ${fields.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')} }`
}

/** What is wrong with events, each once. */
export const damagesOf = (events: readonly Event[]) => [...new Set(events.flatMap(({ damage }: { damage?: unknown }) => (typeof damage === 'string' ? [damage] : [])))]
