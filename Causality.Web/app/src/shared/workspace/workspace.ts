import { createContext, useContext } from 'react'
import type { Place } from './last-place'
import type { App, Organization } from './workspace.queries'

/** Where one works: the organization and app that the address names, else those of the last visit, else the first. */
export interface Workspace {
  organizations: readonly Organization[]
  apps: readonly App[]
  /** Absent for who belongs to none. */
  organization: Organization | undefined
  /** An app of the organization; absent where it has none. */
  app: App | undefined
}

export const WorkspaceContext = createContext<Workspace | undefined>(undefined)

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext)
  if (!workspace) throw new Error('only the pages behind the sign-in have a workspace')
  return workspace
}

/** What the address names wins, an app over an organization; what it names but one does not have is as if not named. */
export function workspaceOf(
  organizations: readonly Organization[],
  apps: readonly App[],
  named: { organization?: string | undefined; app?: string | undefined },
  place: Place,
): Workspace {
  const appNamed = apps.find((app) => app.id === named.app)
  const organization =
    organizations.find((each) => each.id === (appNamed?.organization_id ?? named.organization)) ??
    organizations.find((each) => each.id === place.organization) ??
    organizations[0]
  const own = apps.filter((app) => app.organization_id === organization?.id)
  const app = appNamed ?? own.find((each) => each.id === (organization && place.apps[organization.id])) ?? own[0]
  return { organizations, apps, organization, app }
}
