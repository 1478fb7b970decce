import type { Flow, Ledger } from '@/features/pipeline/pipeline.queries'
import type { FakeHost } from './fake-host'
import { json, route } from './fake-http'

export const noLedger: Ledger = { accepted: 0, stored: 0, duplicates: 0, dead: 0, discarded: 0, quarantined: 0, in_flight: 0, erased: 0, expired: 0, balanced: true, hours: [] }
export const noFlow: Flow = { as_of: '2026-11-21T09:00:30Z', lake: { events: 0, files: 0, bytes: 0, snapshot: 0 }, freshness: null, minutes: [] }

export const pipelineRoutes = (host: FakeHost) => [
  route('GET', '/api/v1/pipeline/ledger', ({ query }) => {
    const { hours, ...totals } = host.ledger
    return json(query.get('by') === 'hour' ? { ...totals, hours } : totals)
  }),
  route('GET', '/api/v1/pipeline/flow', () => json(host.flow)),
]
