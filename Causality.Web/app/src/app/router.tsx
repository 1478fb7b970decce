import { useQuery, type QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
  useRouter,
  type ErrorComponentProps,
  type RouterHistory,
} from '@tanstack/react-router'
import { CloudOff, Compass, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useEffect } from 'react'
import { sessionQuery, signOut } from '@/features/session/session.queries'
import { SignInPage } from '@/features/session/sign-in-page'
import { validateTrendsSearch } from '@/features/trends/trends-search'
import { Button } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { parseSearch, stringifySearch } from '@/shared/format/search-params'
import { Frame } from './frame'
import { Shell } from './shell'

/** Loaded apart, for it brings the charts: sign-in opens without them. */
const TrendsPage = lazy(async () => ({ default: (await import('@/features/trends/trends-page')).TrendsPage }))

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: (props) => (
    <Frame>
      <Broken {...props} />
    </Frame>
  ),
})

/** Where to go after signing in: a path of this app, never another site. */
const safeReturn = (back: unknown) => (typeof back === 'string' && /^\/(?![/\\])/.test(back) ? back : '/trends')

const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw: Record<string, unknown>): { back?: string } => (raw.back === undefined ? {} : { back: safeReturn(raw.back) }),
  beforeLoad: async ({ context, search }) => {
    // a server that cannot be asked will say so when the form is sent
    const session = await context.queryClient.query({ ...sessionQuery, staleTime: 'static' }).catch(() => null)
    if (session) throw redirect({ href: safeReturn(search.back) })
  },
  component: function SignIn() {
    const { queryClient } = signInRoute.useRouteContext()
    const { back } = signInRoute.useSearch()
    const router = useRouter()
    return (
      <SignInPage
        onSignedIn={async () => {
          await queryClient.query({ ...sessionQuery, staleTime: 0 })
          await router.navigate({ href: safeReturn(back), replace: true })
        }}
      />
    )
  },
})

/** Everything behind the sign-in; remembers where one wanted to go. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.query({ ...sessionQuery, staleTime: 'static' })
    if (!session) throw redirect({ to: '/sign-in', search: { back: location.href } })
  },
  errorComponent: Unreachable,
  component: function SignedIn() {
    const { queryClient } = signedIn.useRouteContext()
    const session = useQuery(sessionQuery)
    const router = useRouter()
    const ended = session.data === null
    // beforeLoad then finds nobody signed in, and knows the way back
    useEffect(() => {
      if (ended) void router.invalidate()
    }, [ended, router])
    const leave = async () => {
      await signOut()
      queryClient.clear()
      await router.navigate({ to: '/sign-in', search: {} })
    }
    return <Shell onSignOut={() => void leave()} />
  },
})

const indexRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/trends' })
  },
})

const trendsRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/trends',
  validateSearch: validateTrendsSearch,
  component: function Trends() {
    const navigate = trendsRoute.useNavigate()
    return (
      <Suspense>
        <TrendsPage search={trendsRoute.useSearch()} onSearch={(search, options) => void navigate({ search, ...options })} />
      </Suspense>
    )
  },
})

export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree: root.addChildren([indexRoute, signInRoute, signedIn.addChildren([trendsRoute])]),
    basepath: '/app',
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPendingMs: 300,
    defaultErrorComponent: Broken,
    ...(history ? { history } : {}),
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}

function NotFound() {
  const router = useRouter()
  return (
    <Frame>
      <title>Not found · Causality</title>
      <Notice
        className="flex-1"
        title="There is no such page"
        icon={<Compass />}
        action={<Button onClick={() => void router.navigate({ to: '/trends' })}>Open Trends</Button>}
      />
    </Frame>
  )
}

function Unreachable({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Frame>
      <title>Causality</title>
      <Notice
        className="flex-1"
        role="alert"
        title="Causality could not be opened"
        icon={<CloudOff />}
        action={<Button onClick={() => void router.invalidate()}>Try again</Button>}
      >
        {error instanceof Error ? error.message : 'Something went wrong.'}
      </Notice>
    </Frame>
  )
}

/** A page that failed to draw: says so in its place, below the header that it leaves standing. */
function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Notice
      className="flex-1"
      role="alert"
      title="This page could not be shown"
      icon={<TriangleAlert />}
      action={
        <div className="flex gap-2">
          <Button variant="outline" onClick={reset}>
            Try again
          </Button>
          <Button onClick={() => void router.navigate({ to: '/trends', search: {} })}>Open Trends</Button>
        </div>
      }
    >
      {error instanceof Error ? error.message : 'Something went wrong.'}
    </Notice>
  )
}
