import type { Role } from '@/shared/workspace/roles'
import type { Organization } from '@/shared/workspace/workspace.queries'
import type { FakeHost } from './fake-host'
import { done, json, problem, route } from './fake-http'

const organizations = '/api/v1/organizations'

export const organizationRoutes = (host: FakeHost) => {
  const change = (user: string | undefined, part: (member: (typeof host.members)[number]) => object) => {
    host.members = host.members.map((member) => (member.user_id === user ? { ...member, ...part(member) } : member))
    return json(host.members.find((member) => member.user_id === user))
  }
  return [
    route('GET', organizations, () => json(host.organizations)),
    route('POST', organizations, ({ body }) => {
      const made: Organization = { id: `o-${host.organizations.length + 1}`, name: (body as { name: string }).name, role: 'admin' }
      host.organizations = [...host.organizations, made]
      return json(made, 201)
    }),
    route('PATCH', `${organizations}/:`, ({ parts: [id], body }) => {
      host.organizations = host.organizations.map((each) => (each.id === id ? { ...each, ...(body as { name: string }) } : each))
      return json(host.organizations.find((each) => each.id === id))
    }),
    route('GET', `${organizations}/:/members`, () => json(host.members)),
    route('PATCH', `${organizations}/:/members/:`, ({ parts: [, user], body }) => change(user, () => body as object)),
    route('DELETE', `${organizations}/:/members/:`, ({ parts: [, user] }) => {
      host.members = host.members.filter((member) => member.user_id !== user)
      return done()
    }),
    route('PUT', `${organizations}/:/members/:/apps/:`, ({ parts: [, user, app], body }) =>
      change(user, ({ apps }) => ({ apps: [...apps.filter((each) => each.app_id !== app), { app_id: app, ...(body as { role: Role }) }] })),
    ),
    route('DELETE', `${organizations}/:/members/:/apps/:`, ({ parts: [, user, app] }) => {
      change(user, ({ apps }) => ({ apps: apps.filter((each) => each.app_id !== app) }))
      return done()
    }),
    route('POST', `${organizations}/:/members/:/password-reset`, () => json({ url: 'https://causality.test/app/reset-password#secret', expires_at: '2026-11-22T09:00:00Z' })),
    route('GET', `${organizations}/:/invitations`, () => json(host.invitations)),
    route('POST', `${organizations}/:/invitations`, ({ body }) => {
      const { email, role } = body as { email?: string; role: Role }
      host.invitations = [
        ...host.invitations,
        { id: 'i-1', role, state: 'open', invited_by: 'ada@example.com', created_at: '2026-11-21T09:00:00Z', expires_at: '2026-11-28T09:00:00Z', ...(email ? { email } : {}) },
      ]
      return json({ id: 'i-1', token: 'secret', url: 'https://causality.test/app/invitation#secret', expires_at: '2026-11-28T09:00:00Z', mailed: false }, 201)
    }),
    route('DELETE', `${organizations}/:/invitations/:`, ({ parts: [, id] }) => {
      host.invitations = host.invitations.filter((invitation) => invitation.id !== id)
      return done()
    }),
    route(
      'POST',
      '/api/v1/invitations/show',
      ({ body }) =>
        (body as { token: string }).token === 'secret'
          ? json({ organization: 'Acme', role: 'viewer', email: 'grace@example.com', invited_by: 'ada@example.com', expires_at: '2026-11-28T09:00:00Z' })
          : problem(404, 'There is no such invitation.', { code: 'invitation-missing' }),
      true,
    ),
    route('POST', '/api/v1/invitations/accept', () => {
      host.organizations = [...host.organizations, { id: 'o-joined', name: 'Joined', role: 'viewer' as const }]
      return json({ organization_id: 'o-joined' })
    }),
    route('GET', `${organizations}/:/audit`, ({ query }) => {
      const found = host.audit.filter(
        ({ actor, action, subject }) =>
          (!query.has('actor') || actor.email === query.get('actor')) && (!query.has('action') || action === query.get('action')) && subject.includes(query.get('q') ?? ''),
      )
      const begin = Number(query.get('before') ?? 0)
      const end = begin + Number(query.get('limit'))
      return json({
        entries: found.slice(begin, end),
        ...(end < found.length ? { next: String(end) } : {}),
        actions: [...new Set(host.audit.map(({ action }) => action))],
      })
    }),
  ]
}
