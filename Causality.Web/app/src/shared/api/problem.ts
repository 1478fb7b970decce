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
    /** Why each field was refused, by its name in the request. */
    readonly errors: Record<string, string[]> = {},
  ) {
    super(message)
  }
}

export const isSignedOut = (error: unknown) => error instanceof ApiProblem && error.status === 401

/** "must not be empty", which the host says of a field, stands alone below it. */
const sentence = (reason: string) => reason.charAt(0).toUpperCase() + reason.slice(1) + (/[.!?]$/.test(reason) ? '' : '.')

/** Why a field of a request was refused; an element of a list counts to its list. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  const reasons = Object.entries(error.errors).flatMap(([name, texts]) => (name.toLowerCase().replace(/[[.].*$/, '') === field ? texts : []))
  return reasons.length > 0 ? [...new Set(reasons)].map(sentence).join(' ') : undefined
}

/** What a form says of a refusal beside its fields: nothing when each wrong field says it by itself. */
export function formError(error: Error | null, fields: readonly string[]): string | undefined {
  if (!error) return undefined
  const wrong = error instanceof ApiProblem ? Object.keys(error.errors).length : 0
  const said = fields.filter((field) => fieldError(error, field)).length
  return wrong > 0 && said > 0 ? undefined : error.message
}

/** Names every wrong field at once where the host did, else says the detail, else the title. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const problem: ProblemDetails = typeof body === 'object' && body !== null ? body : {}
  const errors = problem.errors ?? {}
  const fields = Object.entries(errors).flatMap(([field, reasons]) => reasons.map((reason) => (field ? `${field}: ${reason}` : reason)))
  const message = fields.length > 0 ? fields.join(' ') : (problem.detail ?? problem.title ?? `The server answered ${response.status}.`)
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiProblem(message, response.status, problem.code ?? undefined, Number.isFinite(retryAfter) ? retryAfter : undefined, errors)
}
