export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  body: unknown
}

export interface Route {
  method: string
  path: RegExp
  /** Answered without a session too. */
  anonymous?: boolean
  answer: (asked: Asked & { parts: string[] }) => Response | Promise<Response>
}

/** `:` in a path stands for any part. */
export const route = (method: string, path: string, answer: Route['answer'], anonymous = false): Route => ({
  method,
  path: new RegExp(`^${path.replaceAll(':', '([^/]+)')}$`),
  answer,
  anonymous,
})

export const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

export const done = () => new Response(null, { status: 204 })

export const problem = (status: number, detail: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ title: 'Refused', status, detail, ...more }), { status, headers: { 'Content-Type': 'application/problem+json', ...headers } })
