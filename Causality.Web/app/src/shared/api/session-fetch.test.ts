import { beforeEach, describe, expect, it, vi } from 'vitest'
import { json, problem } from '@/testing/fake-http'
import { answer, api } from './client'
import { ApiProblem } from './problem'

describe('the API client', () => {
  const asked: Request[] = []
  /** Answers by path; what is not named is answered with an empty list. */
  let answers: Record<string, (request: Request) => Response | Promise<Response>>
  const count = (path: string) => asked.filter((request) => new URL(request.url).pathname === path).length

  beforeEach(() => {
    asked.length = 0
    answers = {}
    document.cookie = 'causality_csrf=a%2Bb'
    vi.stubGlobal('fetch', async (request: Request) => {
      asked.push(request)
      return (await answers[new URL(request.url).pathname]?.(request)) ?? json([])
    })
  })

  /** Refuses with 401 until the session was refreshed. */
  const stale = () => {
    let fresh = false
    const refuse = () => (fresh ? json([]) : problem(401, 'The access token is old.'))
    answers['/api/v1/apps'] = refuse
    answers['/api/v1/organizations'] = refuse
    answers['/api/v1/auth/me'] = refuse
    answers['/api/v1/auth/refresh'] = async () => {
      await Promise.resolve()
      fresh = true
      return json({ access_token: 'x', expires_in: 900 })
    }
  }

  it('refreshes the session once for many requests that it refused, and repeats each', async () => {
    stale()
    const lists = await Promise.all([api.GET('/api/v1/apps'), api.GET('/api/v1/organizations'), api.GET('/api/v1/apps'), api.GET('/api/v1/auth/me')])
    expect(lists.map(({ response }) => response.status)).toEqual([200, 200, 200, 200])
    expect(count('/api/v1/auth/refresh')).toBe(1)
    expect(count('/api/v1/apps')).toBe(4)
  })

  it('refreshes again when the next access token is old too', async () => {
    stale()
    await api.GET('/api/v1/apps')
    stale()
    expect((await api.GET('/api/v1/apps')).response.status).toBe(200)
    expect(count('/api/v1/auth/refresh')).toBe(2)
  })

  it('repeats a change with its body', async () => {
    let tries = 0
    answers['/api/v1/organizations'] = async (request) => (tries++ === 0 ? problem(401, 'Old.') : json(await request.json(), 201))
    const made = await answer(api.POST('/api/v1/organizations', { body: { name: 'Acme' } }))
    expect(made).toEqual({ name: 'Acme' })
    expect(tries).toBe(2)
  })

  it('gives up when the session cannot be refreshed, and says so of the first request', async () => {
    answers['/api/v1/apps'] = () => problem(401, 'Sign in first.')
    answers['/api/v1/auth/refresh'] = () => problem(401, 'The session has ended.', { code: 'session-ended' })
    await expect(answer(api.GET('/api/v1/apps'))).rejects.toMatchObject({ status: 401, message: 'Sign in first.' })
    expect(count('/api/v1/apps')).toBe(1)
  })

  it('does not take a host in trouble for the end of the session', async () => {
    answers['/api/v1/apps'] = () => problem(401, 'Sign in first.')
    answers['/api/v1/auth/refresh'] = () => problem(503, 'The database is away.')
    const refused = await Promise.allSettled([answer(api.GET('/api/v1/apps')), answer(api.GET('/api/v1/apps'))])
    for (const each of refused) expect(each).toMatchObject({ status: 'rejected', reason: { status: 503, message: 'The database is away.' } })
  })

  it('does not refresh for who has never signed in, nor where a 401 means a wrong password or token', async () => {
    answers['/api/v1/auth/login'] = () => problem(401, 'Wrong.')
    answers['/api/v1/auth/password-reset/complete'] = () => problem(401, 'Wrong.')
    await api.POST('/api/v1/auth/login', { body: { email: 'a@example.com', password: 'x' } })
    await api.POST('/api/v1/auth/password-reset/complete', { body: { token: 'x', password: 'y' } })
    document.cookie = 'causality_csrf=; max-age=0'
    answers['/api/v1/auth/me'] = () => problem(401, 'Sign in first.')
    await api.GET('/api/v1/auth/me')
    expect(count('/api/v1/auth/refresh')).toBe(0)
  })

  it('sends the antiforgery token, decoded, with what changes something, the refresh included, and with nothing else', async () => {
    stale()
    await api.GET('/api/v1/apps')
    await api.PATCH('/api/v1/auth/me', { body: { name: 'Ada' } })
    await api.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id: 's' } } })
    const tokens = (unsafe: boolean) => asked.filter(({ method }) => (method !== 'GET') === unsafe).map(({ headers }) => headers.get('X-CSRF-Token'))
    expect(tokens(true)).toEqual(['a+b', 'a+b', 'a+b'])
    expect(new Set(tokens(false))).toEqual(new Set([null]))
    expect(count('/api/v1/auth/refresh')).toBe(1)
  })

  it('names the fields of a refusal', async () => {
    answers['/api/v1/organizations'] = () => problem(400, 'Some fields are wrong.', { errors: { name: ['Too long.', 'Too odd.'] } })
    const refusal = await answer(api.POST('/api/v1/organizations', { body: { name: '' } })).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ApiProblem)
    expect((refusal as ApiProblem).errors).toEqual({ name: ['Too long.', 'Too odd.'] })
  })
})
