import { useQuery } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { rememberPlace, useLastPlace } from '@/shared/workspace/last-place'
import { WorkspaceContext, workspaceOf } from '@/shared/workspace/workspace'
import { appsQuery, organizationsQuery } from '@/shared/workspace/workspace.queries'

/** Gives the pages the organization and app of the address, once they are loaded; until then, or when that fails, shows the fallback. */
export function WorkspaceProvider({ children, fallback }: { children: ReactNode; fallback: (error: Error | null, retry: () => void) => ReactNode }) {
  const organizations = useQuery(organizationsQuery)
  const apps = useQuery(appsQuery)
  const place = useLastPlace()
  const namedApp = useRouterState({ select: ({ matches }) => nameIn(matches.at(-1), 'app') })
  const namedOrganization = useRouterState({ select: ({ matches }) => nameIn(matches.at(-1), 'organization') })
  const workspace = organizations.data && apps.data && workspaceOf(organizations.data, apps.data, { app: namedApp, organization: namedOrganization }, place)
  const [organization, app] = [workspace?.organization?.id, workspace?.app?.id]
  useEffect(() => {
    if (organization) rememberPlace(organization, app)
  }, [organization, app])
  if (!workspace)
    return fallback(organizations.error ?? apps.error, () => {
      void organizations.refetch()
      void apps.refetch()
    })
  return <WorkspaceContext value={workspace}>{children}</WorkspaceContext>
}

function nameIn(match: { params: unknown; search: unknown } | undefined, name: 'app' | 'organization'): string | undefined {
  const params = (match?.params ?? {}) as { appId?: string }
  const search = (match?.search ?? {}) as { app?: string; organization?: string }
  return name === 'app' ? (params.appId ?? search.app) : search.organization
}
