import type { FakeHost } from './fake-host'
import { done, json, problem, route } from './fake-http'

const auth = '/api/v1/auth'

export const accountRoutes = (host: FakeHost) => [
  route('GET', `${auth}/options`, () => json(host.options), true),
  route('POST', `${auth}/login`, ({ body }) => host.signIn(body as { email: string; password: string }), true),
  route(
    'POST',
    `${auth}/register`,
    ({ body }) => {
      const { email, name = '', organization = 'Ada’s team', invitation } = body as { email: string; name?: string; organization?: string; invitation?: string }
      host.session = { id: 'u-new', email, name, administrator: false, has_password: true }
      host.organizations = [{ id: 'o-new', name: invitation ? 'Acme' : organization, role: invitation ? 'viewer' : 'admin' }]
      host.apps = []
      return host.welcome(201)
    },
    true,
  ),
  route('POST', `${auth}/refresh`, () => (host.session ? host.welcome(200) : problem(401, 'The session has ended.', { code: 'session-ended' })), true),
  route('POST', `${auth}/logout`, () => {
    host.session = null
    return done()
  }),
  route('GET', `${auth}/me`, () => json(host.session)),
  route('PATCH', `${auth}/me`, ({ body }) => {
    if (host.session) host.session = { ...host.session, ...(body as { name: string }) }
    return json(host.session)
  }),
  route('POST', `${auth}/password`, done),
  route('POST', `${auth}/password-reset`, () => json({ message: 'If the e-mail is known, a link is on its way.' }, 202), true),
  route('POST', `${auth}/password-reset/complete`, done, true),
  route('GET', `${auth}/sessions`, () => json(host.sessions)),
  route('DELETE', `${auth}/sessions/:`, ({ parts: [id] }) => {
    host.sessions = host.sessions.filter((session) => session.id !== id)
    return done()
  }),
]
