import { Link } from '@tanstack/react-router'
import { AppWindow, ChevronRight, Plus } from 'lucide-react'
import { isAdmin, roleLabels, roleOf } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { Badge } from '@/shared/ui/badge'
import { buttonStyle } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { Page, Panel } from '@/shared/ui/page'

/** The apps of the organization. */
export function AppsPage() {
  const { organization, apps } = useWorkspace()
  const own = apps.filter((app) => app.organization_id === organization?.id)
  const mayCreate = isAdmin(organization)
  const create = (
    <Link to="/apps/new" search={organization ? { organization: organization.id } : {}} className={buttonStyle()}>
      <Plus aria-hidden />
      New app
    </Link>
  )
  return (
    <Page
      title="Apps"
      documentTitle={['Apps', organization?.name]}
      description="Each app has its own events, API keys and settings."
      action={mayCreate && own.length > 0 && create}
    >
      {own.length === 0 ? (
        <Panel>
          <Notice title={`${organization?.name ?? 'You'} ${organization ? 'has' : 'have'} no apps yet`} icon={<AppWindow />} action={mayCreate ? create : undefined}>
            {mayCreate ? 'An app is what sends events: a site, a mobile app, a service.' : 'Only an admin can create one. Ask an admin of the organization; they are listed under Members.'}
          </Notice>
        </Panel>
      ) : (
        <Panel>
          <ul className="divide-y divide-border">
            {own.map((app) => (
              <li key={app.id} className="group relative flex items-center gap-3 px-4 py-3 hover:bg-muted/60">
                <div className="min-w-0 flex-1">
                  {/* the whole row is the link */}
                  <Link to="/apps/$appId" params={{ appId: app.id }} className="font-medium after:absolute after:inset-0 after:rounded-xl">
                    {app.name}
                  </Link>
                  <p className="flex flex-wrap items-baseline gap-x-3 text-muted-foreground">
                    <code className="min-w-0 truncate font-mono text-code">{app.id}</code>
                    <span>{app.time_zone.replaceAll('_', ' ')}</span>
                  </p>
                </div>
                <Badge>{roleLabels[roleOf(app.role)]}</Badge>
                <ChevronRight className="size-4 text-muted-foreground" aria-hidden />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </Page>
  )
}
