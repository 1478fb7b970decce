import { useRouter } from '@tanstack/react-router'
import { rememberPlace, useLastPlace } from '@/shared/workspace/last-place'
import { useWorkspace } from '@/shared/workspace/workspace'
import type { App } from '@/shared/workspace/workspace.queries'

/** Pages of an organization keep to it in their address. */
const ofOrganization = ['/apps', '/apps/new', '/members', '/audit'] as const

/** Pages that stay as they are, whichever is open. */
const ofNone = ['/profile', '/operations', '/operations/hosts', '/operations/dead-letters'] as const

/** Goes to another app or organization and stays on the page that is open, as far as that can be. */
export function useSwitchPlace() {
  const router = useRouter()
  const { apps } = useWorkspace()
  const place = useLastPlace()
  const here = () => router.state.matches.at(-1)?.fullPath

  const openApp = (app: App) => {
    rememberPlace(app.organization_id, app.id)
    const page = here()
    const params = { appId: app.id }
    const organization = ofOrganization.find((path) => path === page)
    if (page === '/tracking-code') void router.navigate({ to: page, search: { app: app.id } })
    else if (page === '/apps/$appId/keys') void router.navigate({ to: page, params })
    else if (page === '/apps/$appId' || page === '/apps/$appId/set-up') void router.navigate({ to: '/apps/$appId', params })
    else if (page === '/trends')
      // other events and days: range, granularity and breakdown stay
      void router.navigate({ to: page, search: (now) => ({ ...now, app: app.id, event: undefined, draw: undefined, show: undefined, tz: undefined }) })
    else if (organization) void router.navigate({ to: organization, search: { organization: app.organization_id } })
  }

  const openOrganization = (id: string) => {
    const page = ofOrganization.find((path) => path === here())
    const own = apps.filter((app) => app.organization_id === id)
    const app = own.find((each) => each.id === place.apps[id]) ?? own[0]
    rememberPlace(id, app?.id)
    if (page) void router.navigate({ to: page, search: { organization: id } })
    else if (ofNone.some((path) => path === here())) return
    else if (app) openApp(app)
    else void router.navigate({ to: '/apps', search: { organization: id } })
  }
  return { openApp, openOrganization }
}
