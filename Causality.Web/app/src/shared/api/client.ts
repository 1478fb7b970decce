import createClient from 'openapi-fetch'
import { ApiProblem, problemOf } from './problem'
import type { paths } from './schema'
import { sessionFetch } from './session-fetch'

/** The typed client of the host's API. The session travels in an HttpOnly cookie of the same origin. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: sessionFetch,
})

/** Waits for a call and gives its body, or throws the ApiProblem that says why there is none. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let result
  try {
    result = await call
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem('Causality cannot be reached. Check that it runs and that you are online.', 0)
  }
  if (!result.response.ok) throw problemOf(result.response, result.error)
  return result.data as T
}
