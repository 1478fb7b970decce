import type { Letter, LetterGroup, LetterSelection } from '@/features/operations/dead-letters.queries'
import type { FakeHost } from './fake-host'
import { json, problem, route } from './fake-http'

const routes = '/api/v1/operations/dead-letters'

/** The moment of the figures, by the host's clock. */
export const figuresAsOf = '2026-11-21T10:00:00Z'

export const deadLetterRoutes = (host: FakeHost) => {
  const decide = (body: unknown, state: string) => {
    const which = body as LetterSelection
    const meant = host.letters.filter(
      (letter) => letter.state === 'open' && ('ids' in which ? which.ids.includes(letter.id) : letter.reason === which.reason && letter.at < which.before) && (which.app_id === undefined || letter.app_id === which.app_id),
    )
    host.letters = host.letters.map((letter) => (meant.includes(letter) ? { ...letter, state, bytes: 0, preview: null, resolved_at: '2026-11-21T10:00:00Z', resolved_by: 'ada@example.com' } : letter))
    return { [state]: meant.length, events: meant.reduce((sum, letter) => sum + letter.events, 0) }
  }
  return [
    route('GET', routes, () => {
      const groups = groupsOf(host.letters)
      return json({ events: groups.reduce((sum, group) => sum + group.open_events, 0), threshold: host.deadLettersThreshold, as_of: figuresAsOf, groups })
    }),
    route('GET', `${routes}/letters`, ({ query }) => {
      const all = host.letters.filter(
        (letter) => letter.state === (query.get('state') ?? 'open') && letter.reason === (query.get('reason') ?? letter.reason) && letter.app_id == (query.get('app_id') ?? letter.app_id),
      )
      const from = all.findIndex((letter) => letter.id === query.get('before')) + 1
      const letters = all.slice(from, from + Number(query.get('limit')))
      const last = letters.at(-1)
      return json({ letters, ...(last && last !== all.at(-1) ? { next: last.id } : {}) })
    }),
    route('GET', `${routes}/letters/:`, ({ parts: [id] }) => {
      const letter = host.letters.find((each) => each.id === id)
      return letter ? json(letter) : problem(404, 'There is no such dead letter.', { code: 'dead-letter-missing' })
    }),
    route('POST', `${routes}/replay`, ({ body }) => json(decide(body, 'replayed'))),
    route('POST', `${routes}/discard`, ({ body }) => json(decide(body, 'discarded'))),
  ]
}

function groupsOf(letters: readonly Letter[]): LetterGroup[] {
  const groups = new Map<string, LetterGroup>()
  for (const { reason, app_id, events, at, state } of letters) {
    const key = JSON.stringify([reason, app_id])
    const group = groups.get(key) ?? { reason, ...(app_id ? { app_id } : {}), letters: 0, events: 0, open_events: 0, first_at: at, last_at: at, states: { open: 0, replayed: 0, discarded: 0 } }
    groups.set(key, {
      ...group,
      letters: group.letters + 1,
      events: group.events + events,
      open_events: group.open_events + (state === 'open' ? events : 0),
      first_at: at < group.first_at ? at : group.first_at,
      last_at: at > group.last_at ? at : group.last_at,
      states: { ...group.states, [state]: group.states[state as keyof LetterGroup['states']] + 1 },
    })
  }
  return [...groups.values()]
}
