import { vi } from 'vitest'
import type { TrendsAnswer, TrendsRequest, EventType } from '@/features/trends/trends.queries'

/** A host behind `fetch`: answers as the API does, and remembers what it was asked. */
export class FakeHost {
  session: { email: string; role: string } | null = { email: 'ada@example.com', role: 'admin' }
  apps = [{ id: 'shop', name: 'Shop' }]
  eventTypes: EventType[] = [
    eventType('purchase', 10),
    eventType('screen_view', 900),
    eventType('button_tap', 600),
    eventType('add_to_cart', 100),
  ]
  answer: (request: TrendsRequest) => TrendsAnswer | Promise<TrendsAnswer> = (request) => countsFor(request)
  signIn: (given: { email: string; password: string }) => Response = () => {
    this.session = { email: 'ada@example.com', role: 'admin' }
    return json({ access_token: 'token', expires_in: 900 })
  }
  /** Paths whose requests fail, with the response to give. */
  readonly failing = new Map<string, () => Response>()
  readonly asked: TrendsRequest[] = []

  constructor() {
    vi.stubGlobal('fetch', (request: Request) => this.handle(request))
  }

  private async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const failure = this.failing.get(pathname)
    if (failure) return failure()
    if (pathname === '/api/v1/auth/login') return this.signIn((await request.json()) as { email: string; password: string })
    if (!this.session) return problem(401, 'Sign in first.')
    switch (pathname) {
      case '/api/v1/auth/me':
        return json(this.session)
      case '/api/v1/auth/logout':
        this.session = null
        return new Response(null, { status: 204 })
      case '/api/v1/apps':
        return json(this.apps)
      case '/api/v1/analytics/event-types':
        return json(this.eventTypes)
      case '/api/v1/analytics/trends': {
        const body = (await request.json()) as TrendsRequest
        this.asked.push(body)
        return json(await this.answer(body))
      }
      default:
        return problem(404, `Nothing at ${pathname}.`)
    }
  }
}

export const eventType = (event_type: string, count: number): EventType => ({
  event_type,
  event_category: 'custom',
  count,
  last_seen: '2026-11-21T09:00:00Z',
})

export const json = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } })

export const problem = (status: number, detail: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ title: 'Refused', status, detail, ...more }), { status, headers: { 'Content-Type': 'application/problem+json', ...headers } })

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
