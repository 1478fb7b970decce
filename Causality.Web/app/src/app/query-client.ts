import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem, isSignedOut } from '@/shared/api'
import { sessionQuery } from '@/features/session/session.queries'

/** Trouble on the way is tried again twice; a refusal stands. A session that ended is forgotten at once. */
export function createQueryClient(options: { retryDelay?: number } = {}): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) client.setQueryData(sessionQuery.queryKey, null)
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
