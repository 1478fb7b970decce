export { answer, api } from './client'
export { ApiProblem, isSignedOut } from './problem'
export type { paths } from './schema'
