import { queryOptions } from '@tanstack/react-query'
import { answer, api, isSignedOut } from '@/shared/api'

/** Who is signed in, or null. A server that cannot be asked is an error, not a signed-out person. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await answer(api.GET('/api/v1/auth/me', { signal }))
    } catch (error) {
      if (isSignedOut(error)) return null
      throw error
    }
  },
  staleTime: 60_000,
})

/** Whether this is an administrator of the installation, who looks after its jobs and hosts; false while it is not known. */
export const isAdministrator = (session: { administrator: boolean } | null | undefined) => session?.administrator === true

/** How one may get in here: whether anybody may sign up, another provider's sign-in, how long a password must be. */
export const signInOptionsQuery = queryOptions({
  queryKey: ['sign-in-options'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/options', { signal })),
  staleTime: 300_000,
})

export const signOut = () => answer(api.POST('/api/v1/auth/logout'))
