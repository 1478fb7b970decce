import type { QueryClient } from '@tanstack/react-query'
import { createRouter, type RouterHistory } from '@tanstack/react-router'
import { parseSearch, stringifySearch } from '@/shared/format/search-params'
import { pageRoutes } from './routes/page-routes'
import { indexRoute, root, signedIn } from './routes/root'
import { invitationRoute, resetPasswordRoute, signInRoute, signUpRoute } from './routes/session-routes'
import { Broken } from './routes/trouble'

const routeTree = root.addChildren([signInRoute, signUpRoute, resetPasswordRoute, invitationRoute, signedIn.addChildren([indexRoute, ...pageRoutes])])

export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    basepath: '/app',
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPendingMs: 300,
    defaultErrorComponent: Broken,
    scrollRestoration: true,
    ...(history ? { history } : {}),
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
