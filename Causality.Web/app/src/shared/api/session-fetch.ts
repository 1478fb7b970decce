const safe = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Here a 401 says that what was typed is wrong, or that the session is over, and not that its access token is old. */
const beginsSession = /^\/api\/v1\/auth\/(login|register|refresh|password-reset)(\/|$)/

/** The host sets this cookie beside the session's HttpOnly ones, for scripts of this origin to read and send back. */
const csrfToken = () => /(?:^|; )causality_csrf=([^;]*)/.exec(document.cookie)?.[1]

/** One refresh serves every request that was refused meanwhile. */
let refreshing: Promise<Response> | undefined

/**
 * `fetch` for the host's API: sends the antiforgery token with what changes something, and renews a session whose
 * access token is past its 15 minutes before a page hears of it. The session is over when it cannot be renewed.
 */
export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await send(request)
  if (response.status !== 401 || beginsSession.test(new URL(request.url).pathname)) return response
  // without the cookie nobody has signed in here
  if (csrfToken() === undefined) return response
  refreshing ??= send(new Request(new URL('/api/v1/auth/refresh', request.url), { method: 'POST', credentials: 'same-origin' })).finally(
    () => (refreshing = undefined),
  )
  const refreshed = await refreshing
  if (refreshed.ok) return send(again)
  const over = refreshed.status === 401 || refreshed.status === 403
  // a host that is in trouble says nothing about the session
  return over ? response : refreshed.clone()
}

function send(request: Request) {
  const token = csrfToken()
  if (token !== undefined && !safe.has(request.method)) request.headers.set('X-CSRF-Token', decodeURIComponent(token))
  // looked up at each call, so that a test can stand in for the network
  return fetch(request)
}
