import type { paths } from './schema'

export { answer, api } from './client'
export { ApiProblem, fieldError, formError, isSignedOut } from './problem'
export type { paths }

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never

/** The body of a path's successful answer to a method: `Answered<'/api/v1/apps', 'get'>`. */
export type Answered<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends { responses: infer Responses }
  ? { [Status in keyof Responses]: Status extends 200 | 201 | 202 ? Content<Responses[Status]> : never }[keyof Responses]
  : never
