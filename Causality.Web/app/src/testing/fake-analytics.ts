import type { EventType, TrendsAnswer, TrendsRequest } from '@/features/trends/trends.queries'
import type { FakeHost } from './fake-host'
import { json, route } from './fake-http'

export const analyticsRoutes = (host: FakeHost) => [
  route('GET', '/api/v1/analytics/event-types', () => json(host.eventTypes)),
  route('POST', '/api/v1/analytics/trends', async ({ body }) => {
    host.asked.push(body as TrendsRequest)
    return json(await host.answer(body as TrendsRequest))
  }),
]

export const eventType = (event_type: string, count: number): EventType => ({
  event_type,
  event_category: 'custom',
  count,
  first_seen: '2026-11-01T09:00:00Z',
  last_seen: '2026-11-21T09:00:00Z',
})

/** Three days; the series at place n counts 10(n+1), 20(n+1), and 5(n+1) on the day that is not over. */
export function countsFor(request: TrendsRequest, breakdowns: (string | undefined)[] = [undefined]): TrendsAnswer {
  const named = request.series.flatMap(({ event_type }) => breakdowns.map((breakdown) => ({ event_type, ...(breakdown ? { breakdown } : {}) })))
  return {
    series: named.map((name, place) => {
      const values = [10, 20, 5].map((value) => value * (place + 1))
      return {
        ...name,
        total: values.reduce((sum, value) => sum + value, 0),
        points: values.map((value, day) => ({ at: `2026-11-${19 + day}T00:00:00Z`, value, ...(day === 2 ? { unfinished: true } : {}) })),
      }
    }),
    snapshot: 41,
    elapsed_ms: 12,
  }
}
