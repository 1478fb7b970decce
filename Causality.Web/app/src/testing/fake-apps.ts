import type { AppDetails } from '@/features/apps/apps.queries'
import type { FakeHost } from './fake-host'
import { json, problem, route } from './fake-http'

const apps = '/api/v1/apps'

export const appRoutes = (host: FakeHost) => {
  const details = (id: string | undefined) => {
    const app = host.apps.find((each) => each.id === id)
    return app && { ...app, ...host.settings }
  }
  const missing = () => problem(404, 'There is no such app.', { code: 'app-missing' })
  const makeKey = (app: string | undefined, name: string, expires_at?: string) => {
    const made = { id: `k-${host.keys.length + 1}`, name, prefix: 'cak_made' }
    host.keys = [...host.keys, { ...made, state: 'active', created_at: '2026-11-21T09:00:00Z', ...(expires_at ? { expires_at } : {}) }]
    return json({ ...made, app_id: app, key: 'cak_made_secret', ...(expires_at ? { expires_at } : {}) }, 201)
  }
  return [
    route('GET', apps, () => json(host.apps)),
    route('POST', apps, ({ body }) => {
      const made = body as { organization_id: string; id: string; name: string; time_zone: string }
      if (host.apps.some((app) => app.id === made.id)) return problem(409, 'The id is taken.', { code: 'app-id-taken' })
      host.apps = [...host.apps, { ...made, role: 'admin' }]
      return json(details(made.id), 201)
    }),
    route('GET', `${apps}/:`, ({ parts: [id] }) => json(details(id))),
    route('PATCH', `${apps}/:`, ({ parts: [id], body }) => {
      const { version, name, time_zone, ...settings } = body as Partial<AppDetails>
      if (version !== host.settings.version) return problem(409, 'Somebody changed the app.', { code: 'app-changed' })
      host.apps = host.apps.map((app) => (app.id === id ? { ...app, ...(name ? { name } : {}), ...(time_zone ? { time_zone } : {}) } : app))
      host.settings = { ...host.settings, ...settings, version: version + 1 }
      return json(details(id))
    }),
    route('GET', `${apps}/:/keys`, () => json(host.keys)),
    route('POST', `${apps}/:/keys`, ({ parts: [id], body }) => {
      const { name, expires_at } = body as { name: string; expires_at?: string }
      return makeKey(id, name, expires_at)
    }),
    route('POST', `${apps}/:/keys/:/rotate`, ({ parts: [id, key] }) => {
      const old = host.keys.find((each) => each.id === key)
      if (!old) return missing()
      host.keys = host.keys.map((each) => (each === old ? { ...old, state: 'expiring', expires_at: '2026-11-22T09:00:00Z', replaced_by: `k-${host.keys.length + 1}` } : each))
      return makeKey(id, old.name)
    }),
    route('DELETE', `${apps}/:/keys/:`, ({ parts: [, key] }) => {
      host.keys = host.keys.map((each) => (each.id === key ? { ...each, state: 'revoked', revoked_at: '2026-11-21T10:00:00Z' } : each))
      return json({ status: 'revoked', id: key })
    }),
    route('GET', `${apps}/:/tracking-code`, ({ parts: [id] }) =>
      json({
        app_id: id,
        endpoint: 'https://causality.test',
        snippets: [
          { stack: 'curl', title: 'curl', language: 'Shell', code: `curl https://causality.test/v1/events/ingest -H 'X-API-Key: YOUR_API_KEY' # ${id}` },
          { stack: 'web', title: 'Web', language: 'JavaScript', code: 'fetch("https://causality.test") // YOUR_API_KEY' },
          { stack: 'mobile', title: 'Kotlin', language: 'Kotlin', code: 'val key = "YOUR_API_KEY"' },
          { stack: 'mobile', title: 'Swift', language: 'Swift', code: 'let key = "YOUR_API_KEY"' },
        ],
      }),
    ),
  ]
}
