import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import { createQueryClient } from '@/app/query-client'
import { createAppRouter } from '@/app/router'

/** Opens the whole app at an address, as a browser would; `address()` tells where it is. */
export function openApp(at: string) {
  const queryClient = createQueryClient({ retryDelay: 1 })
  const history = createMemoryHistory({ initialEntries: [at] })
  const router = createAppRouter(queryClient, history)
  const { unmount } = render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
  return {
    history,
    queryClient,
    unmount,
    address: () => new URL(history.location.href, 'http://localhost'),
  }
}
