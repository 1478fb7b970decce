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

export const signIn = (email: string, password: string) => answer(api.POST('/api/v1/auth/login', { body: { email, password } }))

export const signOut = () => answer(api.POST('/api/v1/auth/logout'))
