import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, Outlet, redirect, useRouter } from '@tanstack/react-router'
import { useCallback, useEffect } from 'react'
import { Shell } from '@/app/shell'
import { sessionQuery, signOut } from '@/shared/session/session.queries'
import { isAdmin } from '@/shared/workspace/roles'
import { appsQuery, organizationsQuery } from '@/shared/workspace/workspace.queries'
import { Toasts } from '@/shared/ui/toast'
import { BrokenOutside, NotFound, Unreachable } from './trouble'

export const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: NotFound,
  errorComponent: BrokenOutside,
})

/** Where to go after signing in: a path of this app, never another site. */
export const safeReturn = (back: unknown) => (typeof back === 'string' && /^\/(?![/\\])/.test(back) ? back : '/')

/** `?back=`, where it says something else than what goes without saying. */
export const backOf = (raw: Record<string, unknown>): { back?: string } => (raw.back === undefined || safeReturn(raw.back) === '/' ? {} : { back: safeReturn(raw.back) })

const sessionChannel = () => new BroadcastChannel('causality-session')

function forgetSession(queryClient: QueryClient) {
  queryClient.setQueryData(sessionQuery.queryKey, null)
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] })
}

/** Ends the session here, in the browser's other tabs and on the host, and forgets all that was loaded with it. */
export function useSignOut() {
  const queryClient = useQueryClient()
  return useCallback(async () => {
    await signOut()
    forgetSession(queryClient)
    const channel = sessionChannel()
    channel.postMessage('ended')
    channel.close()
  }, [queryClient])
}

/** What another tab signed out of must not stay to be read in this one. */
function useSignedOutElsewhere() {
  const queryClient = useQueryClient()
  useEffect(() => {
    const channel = sessionChannel()
    channel.addEventListener('message', () => forgetSession(queryClient))
    return () => channel.close()
  }, [queryClient])
}

/** Everything behind the sign-in; remembers where one wanted to go. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.query({ ...sessionQuery, staleTime: 'static' })
    if (!session) throw redirect({ to: '/sign-in', search: backOf({ back: location.href }) })
  },
  errorComponent: Unreachable,
  component: function SignedIn() {
    const session = useQuery(sessionQuery)
    const router = useRouter()
    const leave = useSignOut()
    useSignedOutElsewhere()
    const ended = session.data === null
    // beforeLoad then finds nobody signed in, and knows the way back
    useEffect(() => {
      if (ended) void router.invalidate()
    }, [ended, router])
    return <Shell onSignOut={() => void leave().then(() => router.navigate({ to: '/sign-in', search: {} }))} />
  },
})

/** The way in: to Trends, or for who has no app yet and may make one, to that. */
export const indexRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async ({ context: { queryClient } }) => {
    const [organizations, apps] = await Promise.all([
      queryClient.query({ ...organizationsQuery, staleTime: 'static' }),
      queryClient.query({ ...appsQuery, staleTime: 'static' }),
    ])
    if (apps.length === 0 && organizations.some(isAdmin)) throw redirect({ to: '/apps/new' })
    throw redirect({ to: '/trends' })
  },
})
