import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem, isSignedOut } from '@/shared/api'
import { sessionQuery } from '@/shared/session/session.queries'

/** Trouble on the way is tried again twice; a refusal stands. A session that ended is forgotten at once. */
export function createQueryClient(options: { retryDelay?: number } = {}): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) client.setQueryData(sessionQuery.queryKey, null)
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => {
        // a form's 401 may also say that the password typed into it is wrong: who is signed in is asked
        if (isSignedOut(error)) void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
        retryDelay: options.retryDelay ?? 500,
      },
    },
  })
  return client
}
