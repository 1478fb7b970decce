/** RFC 9457 problem details, as the host answers a refusal. */
interface ProblemDetails {
  title?: string | null
  detail?: string | null
  code?: string | null
  errors?: Record<string, string[]> | null
}

/** A request that was refused or did not arrive (`status` 0); `message` is fit to be shown. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'

  constructor(
    message: string,
    readonly status: number,
    readonly code?: string,
    /** Seconds to wait, where the host said so. */
    readonly retryAfter?: number,
  ) {
    super(message)
  }
}

export const isSignedOut = (error: unknown) => error instanceof ApiProblem && error.status === 401

/** Names every wrong field at once where the host did, else says the detail, else the title. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const problem: ProblemDetails = typeof body === 'object' && body !== null ? body : {}
  const fields = Object.entries(problem.errors ?? {}).flatMap(([field, reasons]) => reasons.map((reason) => (field ? `${field}: ${reason}` : reason)))
  const message = fields.length > 0 ? fields.join(' ') : (problem.detail ?? problem.title ?? `The server answered ${response.status}.`)
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiProblem(message, response.status, problem.code ?? undefined, Number.isFinite(retryAfter) ? retryAfter : undefined)
}
