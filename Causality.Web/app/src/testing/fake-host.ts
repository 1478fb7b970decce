import { vi } from 'vitest'
import type { AppDetails, ApiKey } from '@/features/apps/apps.queries'
import type { AuditEntry } from '@/features/audit/audit.queries'
import type { Invitation, Member } from '@/features/organizations/organizations.queries'
import type { Letter } from '@/features/operations/dead-letters.queries'
import type { Host, Job, JobRun } from '@/features/operations/operations.queries'
import type { Session } from '@/features/profile/profile.queries'
import type { Flow, Ledger } from '@/features/pipeline/pipeline.queries'
import type { EventType, TrendsAnswer, TrendsRequest } from '@/features/trends/trends.queries'
import type { App, Organization } from '@/shared/workspace/workspace.queries'
import { accountRoutes } from './fake-accounts'
import { analyticsRoutes, countsFor, eventType } from './fake-analytics'
import { appRoutes } from './fake-apps'
import { deadLetterRoutes } from './fake-dead-letters'
import { operationsRoutes } from './fake-operations'
import { organizationRoutes } from './fake-organizations'
import { noFlow, noLedger, pipelineRoutes } from './fake-pipeline'
import { problem, type Asked, type Route } from './fake-http'

export { countsFor, eventType }
export { json, problem } from './fake-http'

export const ada = { id: 'u-ada', email: 'ada@example.com', name: 'Ada Lovelace', administrator: true, has_password: true }
export const acme = 'o-acme'

/** A host behind `fetch`: answers as the API does, keeps what it is given, and remembers what it was asked. */
export class FakeHost {
  session: typeof ada | null = ada
  options = { registration: 'open', oidc: null as { name: string } | null, mail: true, min_password_length: 12 }
  sessions: Session[] = [
    { id: 's-1', created_at: '2026-11-20T08:00:00Z', last_seen_at: '2026-11-21T09:00:00Z', address: '203.0.113.9', user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', current: true },
    { id: 's-2', created_at: '2026-11-18T08:00:00Z', last_seen_at: '2026-11-19T09:00:00Z', user_agent: 'curl/8.5.0', current: false },
  ]
  organizations: Organization[] = [{ id: acme, name: 'Acme', role: 'admin' }]
  members: Member[] = [
    { user_id: ada.id, email: ada.email, name: ada.name, role: 'admin', apps: [], joined_at: '2026-11-01T08:00:00Z' },
    { user_id: 'u-grace', email: 'grace@example.com', name: 'Grace Hopper', role: 'viewer', apps: [{ app_id: 'shop', role: 'editor' }], joined_at: '2026-11-02T08:00:00Z' },
  ]
  invitations: Invitation[] = []
  audit: AuditEntry[] = []
  jobs: Job[] = []
  /** The history of every job, the latest run first. */
  runs: JobRun[] = []
  hosts: Host[] = []
  /** The newest first. */
  letters: Letter[] = []
  deadLettersThreshold = 1000
  apps: App[] = [{ id: 'shop', name: 'Shop', organization_id: acme, time_zone: 'UTC', role: 'admin' }]
  /** What the details say more of each app than the list. */
  settings: Omit<AppDetails, keyof App> = { allowed_origins: [], retention_days: null, ip_policy: 'hash', denied_properties: [], enrichment: true, version: 1, created_at: '2026-11-01T08:00:00Z' }
  keys: ApiKey[] = []
  eventTypes: EventType[] = [eventType('purchase', 10), eventType('screen_view', 900), eventType('button_tap', 600), eventType('add_to_cart', 100)]
  ledger: Ledger = noLedger
  flow: Flow = noFlow
  answer: (request: TrendsRequest) => TrendsAnswer | Promise<TrendsAnswer> = (request) => countsFor(request)
  signIn: (given: { email: string; password: string }) => Response = () => {
    this.session = ada
    return this.welcome(200)
  }
  /** Paths, or methods and paths, whose requests fail, with the response to give. */
  readonly failing = new Map<string, () => Response | Promise<Response>>()
  readonly requests: Asked[] = []
  /** The questions that were asked of Trends. */
  readonly asked: TrendsRequest[] = []
  private readonly routes: Route[] = [
    ...accountRoutes(this),
    ...organizationRoutes(this),
    ...operationsRoutes(this),
    ...deadLetterRoutes(this),
    ...appRoutes(this),
    ...analyticsRoutes(this),
    ...pipelineRoutes(this),
  ]

  constructor() {
    localStorage.clear()
    sessionStorage.clear()
    document.cookie = 'causality_csrf=token'
    vi.stubGlobal('fetch', (request: Request) => this.handle(request))
  }

  /** The bodies that were sent to a method and path. */
  sent = (method: string, path: string) => this.requests.filter((each) => each.method === method && each.path === path).map((each) => each.body)

  welcome = (status: number) => new Response(JSON.stringify({ access_token: 'token', expires_in: 900 }), { status, headers: { 'Content-Type': 'application/json' } })

  private async handle(request: Request): Promise<Response> {
    const { pathname: path, searchParams: query } = new URL(request.url)
    const { method, headers } = request
    const text = await request.text()
    const asked = { method, path, query, headers, body: text ? (JSON.parse(text) as unknown) : undefined }
    this.requests.push(asked)
    const failure = this.failing.get(path) ?? this.failing.get(`${method} ${path}`)
    if (failure) return failure()
    for (const route of this.routes) {
      const match = route.method === method ? route.path.exec(path) : null
      if (!match) continue
      if (!route.anonymous && !this.session) return problem(401, 'Sign in first.')
      if (!route.anonymous && method !== 'GET' && headers.get('X-CSRF-Token') !== 'token') return problem(403, 'The antiforgery token is missing.', { code: 'csrf-token-missing' })
      return route.answer({ ...asked, parts: match.slice(1) })
    }
    return problem(404, `Nothing at ${method} ${path}.`)
  }
}
