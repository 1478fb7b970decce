import { Link } from '@tanstack/react-router'
import { AppWindow, SearchX } from 'lucide-react'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { buttonStyle } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { Page, Panel } from '@/shared/ui/page'
import { FirstEventWatch } from './first-event-watch'
import { Snippets } from './snippets'

/** How an app's programs send events; says live when they arrive. `named` is the app of the address. */
export function TrackingCodePage({ named }: { named: string | undefined }) {
  const { organization, apps, app } = useWorkspace()
  const unknown = named !== undefined && !apps.some((each) => each.id === named)
  return (
    <Page
      title="Tracking code"
      documentTitle={['Tracking code', app?.name]}
      description={app && !unknown ? `Send events of ${app.name} from your own code.` : undefined}
      action={
        isAdmin(app) &&
        !unknown && (
          <Link to="/apps/$appId/keys" params={{ appId: app?.id ?? '' }} className={buttonStyle({ variant: 'outline' })}>
            API keys
          </Link>
        )
      }
    >
      {unknown || !app ? (
        <Panel>
          <Notice
            title={unknown ? `There is no app ${named}` : 'There is no app yet'}
            icon={unknown ? <SearchX /> : <AppWindow />}
            action={
              unknown ? (
                <Link to="/apps" className={buttonStyle()}>
                  Show the apps
                </Link>
              ) : isAdmin(organization) ? (
                <Link to="/apps/new" className={buttonStyle()}>
                  Create an app
                </Link>
              ) : undefined
            }
          >
            {unknown ? 'The link may be old or mistyped.' : 'Tracking code belongs to an app, which an admin creates.'}
          </Notice>
        </Panel>
      ) : (
        <>
          <FirstEventWatch key={app.id} app={app.id} />
          <Snippets key={app.id} app={app.id} />
          <p className="text-muted-foreground">
            Replace <code className="font-mono text-code text-foreground">YOUR_API_KEY</code> by a key of the app
            {isAdmin(app) ? '.' : '; an admin of the app can give you one.'}
          </p>
        </>
      )}
    </Page>
  )
}
