import { Link } from '@tanstack/react-router'
import { ArrowRight, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import type { App } from '@/shared/workspace/workspace.queries'
import { buttonStyle } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { Page, Panel } from '@/shared/ui/page'
import { tabStyle } from '@/shared/ui/tabs'

/** What the pages of one app share: its name, and the way between them. Says so where there is no such app. */
export function AppFrame({ id, part, children }: { id: string; part: string; children: (app: App) => ReactNode }) {
  const app = useWorkspace().apps.find((each) => each.id === id)
  if (!app)
    return (
      <Page title="Apps">
        <Panel>
          <Notice
            title={`There is no app ${id}`}
            icon={<SearchX />}
            action={
              <Link to="/apps" className={buttonStyle()}>
                Show the apps
              </Link>
            }
          >
            The link may be old or mistyped, or the app belongs to an organization that you are not in.
          </Notice>
        </Panel>
      </Page>
    )
  return (
    <Page
      title={app.name}
      documentTitle={[part, app.name]}
      description={
        <span className="flex flex-wrap items-baseline gap-x-3">
          <code className="font-mono text-code">{app.id}</code>
          <span>{app.time_zone.replaceAll('_', ' ')}</span>
        </span>
      }
    >
      <nav aria-label="App" className="-mt-2 flex gap-1 border-b border-border">
        <Link to="/apps/$appId" params={{ appId: id }} activeOptions={{ exact: true }} className={tabStyle}>
          Settings
        </Link>
        {isAdmin(app) && (
          <Link to="/apps/$appId/keys" params={{ appId: id }} className={tabStyle}>
            API keys
          </Link>
        )}
        <Link to="/tracking-code" search={{ app: id }} className="ml-auto inline-flex h-9 items-center gap-1 text-muted-foreground hover:text-foreground">
          Tracking code
          <ArrowRight className="size-4" aria-hidden />
        </Link>
      </nav>
      {children(app)}
    </Page>
  )
}
